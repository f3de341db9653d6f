import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { Confirm, toast } from '../ui/parts.tsx'
import { moneyApi, type OfferView } from './money-api.ts'
import { OfferForm } from './offer-form.tsx'
import { notOnSale, priceOf, termsOf } from './words.ts'

interface OffersProps {
  channelId: string
  offers: OfferView[]
  shows: SessionView[]
  onChange(): void
}

export function OffersOnSale({ channelId, offers, shows, onChange }: OffersProps) {
  /** The offer that is being changed, or `new`. */
  const [open, setOpen] = useState<string | null>(null)
  const [leaving, setLeaving] = useState<OfferView | null>(null)
  const titleOf = ({ sessionId }: OfferView) => shows.find(({ id }) => id === sessionId)?.title
  const form = (offer: OfferView | null) => (
    <OfferForm
      channelId={channelId}
      shows={shows}
      offer={offer}
      currency={offers.at(-1)?.currency ?? 'EUR'}
      onClose={() => setOpen(null)}
      onDone={() => {
        setOpen(null)
        onChange()
      }}
    />
  )
  async function withdraw(offer: OfferView) {
    try {
      await moneyApi.withdrawOffer(offer.id)
      onChange()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <section class="card padded stack" aria-labelledby="on-sale">
      <div class="row apart">
        <h2 id="on-sale">On sale</h2>
        {open !== 'new' && (
          <button type="button" class="button small primary" onClick={() => setOpen('new')}>
            Sell something new
          </button>
        )}
      </div>
      {open === 'new' && form(null)}
      {offers.length === 0 && open !== 'new' && (
        <p class="soft">Nothing yet. Sell a membership of the channel, or a ticket to a show you have planned.</p>
      )}
      <ul class="keys">
        {offers.map((offer) => (
          <li key={offer.id} data-offer={offer.id}>
            <div class="words">
              <div>
                <strong>{offer.name}</strong>: {priceOf(offer)}
              </div>
              <div class="fine">{[titleOf(offer), termsOf(offer), notOnSale(offer)].filter(Boolean).join(' · ')}</div>
            </div>
            {open !== offer.id && (
              <div class="row">
                <button type="button" class="button small" onClick={() => setOpen(offer.id)}>
                  Change
                </button>
                <button type="button" class="button small danger" onClick={() => setLeaving(offer)}>
                  Sell no more
                </button>
              </div>
            )}
            {open === offer.id && <div class="whole">{form(offer)}</div>}
          </li>
        ))}
      </ul>
      {leaving && (
        <Confirm
          title={`Sell “${leaving.name}” no more?`}
          action="Sell no more"
          isDangerous
          onConfirm={() => withdraw(leaving)}
          onClose={() => setLeaving(null)}
        >
          Who bought it keeps it, and memberships go on. It cannot be put back, only made anew.
        </Confirm>
      )}
    </section>
  )
}
