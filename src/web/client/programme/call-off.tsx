import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { inMoney } from '../money/amounts.ts'
import { Confirm, Notice, toast } from '../ui/parts.tsx'
import { type CostView, programmeApi, type ShowView, type Which } from './programme-api.ts'

/** Names the sum that goes back before anything is done. */
export function CallOff({ show, onDone, onClose }: { show: ShowView; onDone(): void; onClose(): void }) {
  const [which, setWhich] = useState<Which>('this')
  const [reason, setReason] = useState('')
  const { value: cost, error } = useLoaded(`cost ${show.id} ${which}`, () => programmeApi.cost(show.id, which))
  async function callOff() {
    if (!cost) return
    const agreed = cost.owed.map(({ currency, amount }) => ({ currency, amount }))
    try {
      await programmeApi.callOff(show.id, { reason: reason.trim() || 'called off', which, agreed })
      toast(cost.shows === 1 ? 'The show is called off' : `${cost.shows} shows are called off`)
      onDone()
    } catch (wrong) {
      toast(asApiError(wrong).message)
    }
  }
  return (
    <Confirm
      title={`Call off “${show.title}”?`}
      action={cost && cost.owed.length > 0 ? `Call off and give back ${sumsOf(cost)}` : 'Call it off'}
      isDangerous
      onConfirm={callOff}
      onClose={onClose}
    >
      <div class="stack">
        {error && <Notice isBad>{error.message}</Notice>}
        {cost && <p>{priceInWords(cost)} This cannot be undone.</p>}
        <div class="field">
          <label for="call-off-reason">Why, for those who wait for it</label>
          <input
            class="input"
            id="call-off-reason"
            maxLength={200}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        {show.series && (
          <label class="row">
            <input
              type="checkbox"
              checked={which === 'following'}
              onChange={(event) => setWhich(event.currentTarget.checked ? 'following' : 'this')}
            />
            And all that follow in its series
          </label>
        )}
      </div>
    </Confirm>
  )
}

const sumsOf = ({ owed }: CostView) => new Intl.ListFormat('en').format(owed.map((sum) => inMoney(sum.amount, sum)))

function priceInWords(cost: CostView): string {
  const what = cost.shows === 1 ? 'The show' : `${cost.shows} shows`
  const buyers = cost.owed.reduce((sum, one) => sum + one.buyers, 0)
  if (buyers === 0) return `${what} will not take place. Nobody has paid for it yet.`
  return `${what} will not take place, and ${sumsOf(cost)} goes back to ${buyers} ${buyers === 1 ? 'buyer' : 'buyers'}.`
}
