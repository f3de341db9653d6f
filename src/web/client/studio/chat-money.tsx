import { ApiError } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { chatApi } from '../chat/api.ts'
import type { PaidMessage, PaidTerms } from '../chat/views.ts'
import { inMoney, kindOf, typedAmount } from '../money/amounts.ts'
import { moneyApi } from '../money/money-api.ts'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'

/** Paid messages: what they cost at least, and what was paid for. */
export function ChatMoney({ channelId, terms }: { channelId: string; terms: PaidTerms | null }) {
  const { value, error, reload } = useLoaded(`paid messages ${channelId}`, () => chatApi.paid(channelId))
  async function stop() {
    try {
      await chatApi.setPaidTerms(channelId, null)
      toast('No more paid messages.')
    } catch (failure) {
      toast(asApiError(failure).message)
    }
  }
  return (
    <section class="card padded stack" aria-labelledby="chat-money">
      <div class="row apart">
        <h2 id="chat-money">Paid messages</h2>
        <button type="button" class="button small" onClick={reload}>
          Look again
        </button>
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      {terms ? (
        <div class="row apart">
          <span>From {inMoney(terms.least, terms)}; the longer it stands out, the more was paid.</span>
          <button type="button" class="button small" onClick={stop}>
            Take no more
          </button>
        </div>
      ) : (
        <Terms channelId={channelId} />
      )}
      {value?.paid.length === 0 && <p class="soft">Nobody has paid for a message yet.</p>}
      <ul class="keys">
        {value?.paid.map((one) => (
          <li key={one.orderId} data-paid-state={one.state}>
            <span class="words">
              <b>{sumOf(one)}</b> {one.by}: {one.text}{' '}
              <span class="fine">
                {ago(one.createdAt)}
                {one.state === 'paid' ? '' : ', given back or disputed'}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const sumOf = ({ amount, currency }: PaidMessage) => inMoney(amount, kindOf(currency) ?? { currency, digits: 2 })

function Terms({ channelId }: { channelId: string }) {
  const form = useSubmit(async ({ least = '', currency = '' }) => {
    const kind = kindOf(currency)
    const amount = kind && typedAmount(least, kind)
    if (!amount) throw new ApiError(0, 'no_amount', 'That is no amount of this currency.')
    await chatApi.setPaidTerms(channelId, { least: amount, currency: kind.currency })
    toast('Paid messages are open.')
  })
  return (
    <form class="stack" onSubmit={form.onSubmit}>
      {form.wrong && <Notice isBad>{form.wrong}</Notice>}
      <Field label="At least" name="least" value="1.00" required />
      <Field label="Currency" name="currency" value="EUR" required minLength={3} maxLength={3} />
      <button type="submit" class="button" disabled={form.isBusy}>
        Take paid messages
      </button>
    </form>
  )
}

/** Holds up something the channel sells, as a card in the chat. */
export function Highlight({ channelId }: { channelId: string }) {
  const { value } = useLoaded(`offers to highlight ${channelId}`, () => moneyApi.allOffers(channelId))
  const form = useSubmit(async ({ offer = '' }) => {
    await chatApi.highlight(channelId, offer)
    toast('It is in the chat.')
  })
  const offers = value?.offers.filter(({ kind, isOnSale }) => kind !== 'message' && isOnSale) ?? []
  if (offers.length === 0) return null
  return (
    <form class="card padded stack" onSubmit={form.onSubmit}>
      {form.wrong && <Notice isBad>{form.wrong}</Notice>}
      <div class="field">
        <label for="chat-highlight">Something on sale</label>
        <select class="input" id="chat-highlight" name="offer">
          {offers.map((offer) => (
            <option value={offer.id} key={offer.id}>
              {offer.name}, {inMoney(offer.price, offer)}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button" disabled={form.isBusy}>
        Show it in the chat
      </button>
    </form>
  )
}
