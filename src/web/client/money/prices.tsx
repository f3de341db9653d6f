import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { navigate } from '../router.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { inMoney, onDay } from './amounts.ts'
import { moneyApi, type OfferView } from './money-api.ts'
import { TestMoneyBanner } from './test-money-banner.tsx'

/** What a channel and its show are sold for; nothing where nothing is sold. */
export function Prices({ channelId, sessionId }: { channelId: string; sessionId: string | null }) {
  const { value } = useLoaded(`offers ${channelId} ${sessionId}`, () => moneyApi.offers(channelId, sessionId))
  const [wrong, setWrong] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  if (!value || value.offers.length === 0) return null

  async function buy(offer: OfferView, billing: 'month' | 'year') {
    const returnTo = location.pathname
    if (!me.value) return navigate(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
    setBusy(true)
    setWrong(null)
    try {
      const expectedAmount = billing === 'year' ? (offer.yearlyPrice ?? offer.price) : offer.price
      const { url } = await moneyApi.begin({ offerId: offer.id, billing, expectedAmount, returnTo })
      if (url === null) toast('It is yours.')
      else location.assign(url)
    } catch (error) {
      setWrong(asApiError(error).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <section class="stack" aria-label="Prices">
      {value.isTestMoney && <TestMoneyBanner />}
      {wrong && <Notice isBad>{wrong}</Notice>}
      {value.offers.map((offer) => (
        <div class="card padded stack" key={offer.id} data-offer={offer.id} id={`offer-${offer.id}`}>
          <strong>{offer.name}</strong>
          <span class="soft">{termsOf(offer)}</span>
          {offer.perks && <p>{offer.perks}</p>}
          <div class="row">
            <button
              type="button"
              class="button primary small"
              disabled={isBusy || !offer.isOnSale}
              onClick={() => buy(offer, 'month')}
            >
              {buttonOf(offer)}
            </button>
            {offer.yearlyPrice !== null && (
              <button type="button" class="button small" disabled={isBusy} onClick={() => buy(offer, 'year')}>
                {inMoney(offer.yearlyPrice, offer)} a year
              </button>
            )}
          </div>
        </div>
      ))}
    </section>
  )
}

function buttonOf(offer: OfferView): string {
  if (offer.seatsLeft === 0) return 'Sold out'
  if (!offer.isOnSale) return 'Not on sale'
  if (offer.price === 0) return 'Free: take it'
  return `${inMoney(offer.price, offer)}${offer.kind === 'membership' ? ' a month' : ''}`
}

function termsOf(offer: OfferView): string {
  const words: string[] = []
  if (offer.kind === 'membership') words.push('Membership')
  if (offer.kind === 'ticket') words.push('Ticket')
  if (offer.kind === 'own') words.push('Yours for ever')
  if (offer.rentHours !== null) words.push(`Rent for ${offer.rentHours} hours`)
  if (offer.replayDays !== null) words.push(`replay for ${offer.replayDays} days`)
  if (offer.trialDays > 0) words.push(`first ${offer.trialDays} days free`)
  if (offer.seatsLeft !== null) words.push(`${offer.seatsLeft} seats left`)
  if (offer.earlyUntil !== null && offer.price < offer.regularPrice) {
    words.push(`early price until ${onDay(offer.earlyUntil)}, then ${inMoney(offer.regularPrice, offer)}`)
  }
  return words.join(' · ')
}
