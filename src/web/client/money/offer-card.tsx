import { inMoney } from './amounts.ts'
import type { Billing, MembershipView, OfferView } from './money-api.ts'
import { notOnSale, termsOf } from './words.ts'

interface OfferCardProps {
  offer: OfferView
  /** The membership of this channel that whoever looks has. */
  mine: MembershipView | null
  isBusy: boolean
  onBuy(billing: Billing): void
  onGive(): void
}

/** One thing that is sold, with its price on the button that buys it. */
export function OfferCard({ offer, mine, isBusy, onBuy, onGive }: OfferCardProps) {
  const isMembership = offer.kind === 'membership'
  const isMine = isMembership && mine?.offerId === offer.id
  const why = notOnSale(offer)
  return (
    <div class="card padded stack tight" data-offer={offer.id}>
      <div class="row apart">
        <strong>{offer.name}</strong>
        {isMine && <span class="badge">Yours</span>}
      </div>
      <span class="soft">{termsOf(offer)}</span>
      {offer.perks && <p class="about">{offer.perks}</p>}
      {isMine && <a href="/purchases">Change or cancel it</a>}
      {!isMine && why && <p class="soft">{why}</p>}
      {!isMine && !why && (
        <div class="row">
          <button type="button" class="button primary small" disabled={isBusy} onClick={() => onBuy('month')}>
            {buttonOf(offer)}
          </button>
          {offer.yearlyPrice !== null && (
            <button type="button" class="button small" disabled={isBusy} onClick={() => onBuy('year')}>
              {inMoney(offer.yearlyPrice, offer)} a year
            </button>
          )}
        </div>
      )}
      {isMembership && !why && (
        <div>
          <button type="button" class="button small" disabled={isBusy} onClick={onGive}>
            Give it to somebody
          </button>
        </div>
      )}
    </div>
  )
}

function buttonOf(offer: OfferView): string {
  if (offer.price === 0) return 'Free: take it'
  return `${inMoney(offer.price, offer)}${offer.kind === 'membership' ? ' a month' : ''}`
}
