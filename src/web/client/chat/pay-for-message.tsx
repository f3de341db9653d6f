import { useId, useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import { asTyped, inMoney, typedAmount } from '../money/amounts.ts'
import { TestMoneyBanner } from '../money/test-money-banner.tsx'
import { Notice } from '../ui/parts.tsx'
import { chatApi } from './api.ts'
import type { ChatLine } from './chat-line.ts'
import type { PaidTerms } from './views.ts'

/** Lets what is being written stand out, for money: names the sum, and leads to where it is paid. */
export function PayForMessage({ chat, terms, text }: { chat: ChatLine; terms: PaidTerms; text: string }) {
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState(asTyped(terms.least, terms))
  const [wrong, setWrong] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const id = useId()

  async function pay() {
    setWrong(null)
    setBusy(true)
    try {
      const amount = typedAmount(typed, terms)
      if (amount === null || amount < terms.least) {
        throw new ApiError(0, 'too_little', `At least ${inMoney(terms.least, terms)}.`)
      }
      const wish = { text: text.trim(), amount, returnTo: location.pathname }
      const { url } = await chatApi.pay(chat.channelId(), wish)
      if (url) location.assign(url)
    } catch (error) {
      setWrong(asApiError(error).message)
    } finally {
      setBusy(false)
    }
  }

  if (!isOpen) {
    return (
      <button type="button" class="button small quiet" onClick={() => setOpen(true)}>
        Pay to stand out
      </button>
    )
  }
  return (
    <fieldset class="chat-pay">
      <legend class="visually-hidden">Pay to stand out</legend>
      {terms.isTest && <TestMoneyBanner />}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <label for={id}>Amount in {terms.currency}</label>
      <div class="row">
        <input
          id={id}
          class="input"
          inputMode="decimal"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="button" class="button small primary" disabled={isBusy || text.trim() === ''} onClick={pay}>
          Pay and send
        </button>
        <button type="button" class="button small quiet" onClick={() => setOpen(false)}>
          Not now
        </button>
      </div>
      <p class="fine">Your message stands out for a while: the longer, the more you pay.</p>
    </fieldset>
  )
}
