import { ApiError, api } from '../api/client.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { typedAmount } from './amounts.ts'
import { moneyApi } from './money-api.ts'

const TIERS = { basic: 'Basic', premium: 'Premium', vip: 'VIP' }
const TO_COME = new Set(['scheduled', 'starting', 'live', 'paused'])

/** A membership of the channel, or a ticket to one of its shows that is on or to come. */
export function NewOffer({ channelId, onMade }: { channelId: string; onMade(): void }) {
  const { value: page } = useLoaded(`shows to sell ${channelId}`, () => api.sessions(channelId))
  const shows = page?.sessions.filter(({ state }) => TO_COME.has(state)) ?? []
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(
    async ({ what = '', name = '', price = '', currency = '', seats = '' }) => {
      const code = currency.trim().toUpperCase()
      const amount = /^[A-Z]{3}$/.test(code) ? typedAmount(price, code) : null
      if (amount === null) throw new ApiError(0, 'no_amount', 'That is no amount of this currency.')
      const show = shows.find(({ id }) => id === what)
      await moneyApi.createOffer(channelId, {
        name: name.trim(),
        currency: code,
        price: amount,
        ...(show
          ? { kind: 'ticket', sessionId: show.id, ...(seats.trim() ? { seats: Number(seats) } : {}) }
          : { kind: 'membership', tier: what }),
      })
      onMade()
    },
  )
  return (
    <form class="card padded stack" onSubmit={onSubmit}>
      <h3>Something new</h3>
      <div class="field">
        <label for="new-offer">What</label>
        <select class="input" id="new-offer" name="what">
          {shows.map(({ id, title }) => (
            <option value={id} key={id}>
              Ticket to {title}
            </option>
          ))}
          {Object.entries(TIERS).map(([tier, label]) => (
            <option value={tier} key={tier}>
              Membership, {label}
            </option>
          ))}
        </select>
      </div>
      <Field label="Name" name="name" wrong={wrongFields.name} required maxLength={120} />
      <Field label="Price" name="price" required hint="As you write it: 4.50. A membership is paid each month." />
      <Field label="Currency" name="currency" value="EUR" required minLength={3} maxLength={3} />
      {shows.length > 0 && (
        <Field label="Seats" name="seats" wrong={wrongFields.seats} hint="Of a ticket; empty for as many as come." />
      )}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div>
        <button type="submit" class="button primary" disabled={isBusy}>
          Sell it
        </button>
      </div>
    </form>
  )
}
