import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { navigate } from '../router.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { ChangeTier } from './change-tier.tsx'
import { GiveMembership } from './give-membership.tsx'
import {
  type Billing,
  type MyMembershipView,
  moneyApi,
  type OffersView,
  type OfferView,
  type Wish,
} from './money-api.ts'
import { OfferCard } from './offer-card.tsx'
import { TestMoneyBanner } from './test-money-banner.tsx'
import { isGoing } from './words.ts'

/** What is open above the list. */
type Asked = { what: 'give'; offer: OfferView } | { what: 'change'; offer: OfferView; billing: Billing }

/** What a channel and its show are sold for; nothing where nothing is sold. */
export function Prices(props: { channelId: string; sessionId: string | null; first: OffersView | null }) {
  const { channelId, sessionId, first } = props
  const { value } = useLoaded(`offers ${channelId} ${sessionId}`, () => moneyApi.offers(channelId, sessionId), first)
  const [wrong, setWrong] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [code, setCode] = useState('')
  const [asked, ask] = useState<Asked | null>(null)
  const hasMemberships = value?.offers.some(({ kind }) => kind === 'membership') ?? false
  const [mine, reloadMine] = useMembershipOf(hasMemberships ? channelId : null)
  if (!value || value.offers.length === 0) return null

  async function begin(wish: Wish) {
    if (!me.value) return navigate(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
    setBusy(true)
    setWrong(null)
    try {
      const { url } = await moneyApi.begin(wish)
      if (url === null) toast('It is yours.')
      else location.assign(url)
    } catch (error) {
      setWrong(asApiError(error).message)
    } finally {
      setBusy(false)
    }
  }

  function buy(offer: OfferView, billing: Billing) {
    if (offer.kind === 'membership' && mine) return ask({ what: 'change', offer, billing })
    const shown = billing === 'year' ? (offer.yearlyPrice ?? offer.price) : offer.price
    // With a code it costs less than what is shown; the checkout says how much.
    const expected = code.trim() ? { promotionCode: code.trim() } : { expectedAmount: shown }
    return begin({ offerId: offer.id, billing, ...expected, returnTo: location.pathname })
  }

  return (
    <section class="stack" aria-label="Prices" id="prices">
      {value.isTestMoney && <TestMoneyBanner />}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div class="offers">
        {value.offers.map((offer) => (
          <OfferCard
            key={offer.id}
            offer={offer}
            mine={mine}
            isBusy={isBusy}
            onBuy={(billing) => void buy(offer, billing)}
            onGive={() => (me.value ? ask({ what: 'give', offer }) : void buy(offer, 'month'))}
          />
        ))}
      </div>
      <details>
        <summary>I have a code</summary>
        <div class="field">
          <label for="promotion-code">Promotion code</label>
          <input
            id="promotion-code"
            class="input"
            value={code}
            maxLength={40}
            autocomplete="off"
            onInput={(event) => setCode(event.currentTarget.value)}
          />
          <p class="hint">It is taken off when you choose above; the next page says what is left to pay.</p>
        </div>
      </details>
      {asked?.what === 'give' && (
        <GiveMembership
          offer={asked.offer}
          onBuy={(giftMonths, expectedAmount) =>
            begin({ offerId: asked.offer.id, billing: 'month', giftMonths, expectedAmount, returnTo: '/purchases' })
          }
          onClose={() => ask(null)}
        />
      )}
      {asked?.what === 'change' && mine && (
        <ChangeTier
          membership={mine}
          wanted={{ offerId: asked.offer.id, billing: asked.billing }}
          onDone={reloadMine}
          onClose={() => ask(null)}
        />
      )}
    </section>
  )
}

/** My membership of this channel that is under way, if I have one. */
function useMembershipOf(channelId: string | null): [MyMembershipView | null, () => void] {
  const isAsked = channelId !== null && Boolean(me.value)
  const { value, reload } = useLoaded(`my membership ${channelId} ${me.value?.id}`, async () =>
    isAsked ? (await moneyApi.memberships()).memberships : [],
  )
  return [value?.find((one) => one.channelId === channelId && isGoing(one)) ?? null, reload]
}
