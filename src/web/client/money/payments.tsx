import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import type { Pages } from '../api/use-pages.ts'
import { PagedList } from '../ui/pages.tsx'
import { Confirm, toast } from '../ui/parts.tsx'
import { asTyped, inMoney, onDay, typedAmount } from './amounts.ts'
import { moneyApi, type SaleView } from './money-api.ts'
import { MoneyField } from './money-field.tsx'
import type { WhyOf } from './why.tsx'

interface PaymentsProps {
  payments: Pages<SaleView>
  onAsk(of: WhyOf): void
  onRefund(): void
}

export function Payments({ payments, onAsk, onRefund }: PaymentsProps) {
  const [toRefund, setToRefund] = useState<SaleView | null>(null)
  return (
    <section class="card padded stack" aria-labelledby="payments">
      <h2 id="payments">Payments</h2>
      <PagedList
        pages={payments}
        empty="Nothing was sold yet."
        line={(sale) => (
          <>
            <div class="words" data-sale={sale.id}>
              <div>
                {inMoney(sale.amount, sale)} · {sale.item}
              </div>
              <div class="fine">
                {onDay(sale.paidAt)} · {sale.buyer}
                {sale.refunded > 0 && ` · ${inMoney(sale.refunded, sale)} given back`}
                {sale.dispute && ` · ${DISPUTES[sale.dispute] ?? sale.dispute}`}
              </div>
            </div>
            <div class="row">
              <button
                type="button"
                class="button small"
                onClick={() => onAsk({ userId: sale.userId, name: sale.buyer })}
                aria-label={`Can they watch? ${sale.buyer}`}
              >
                Can they watch?
              </button>
              {sale.refunded < sale.amount && sale.dispute !== 'open' && sale.dispute !== 'lost' && (
                <button type="button" class="button small" onClick={() => setToRefund(sale)}>
                  Give back
                </button>
              )}
            </div>
          </>
        )}
      />
      {toRefund && <GiveBack sale={toRefund} onDone={onRefund} onClose={() => setToRefund(null)} />}
    </section>
  )
}

const DISPUTES: Record<string, string> = {
  open: 'disputed, the bank decides',
  won: 'disputed, decided for you',
  lost: 'disputed, decided for the buyer',
}

/** All that is left, or a part of it; the sum stands in the question and on the button. */
function GiveBack({ sale, onDone, onClose }: { sale: SaleView; onDone(): void; onClose(): void }) {
  const left = sale.amount - sale.refunded
  const [typed, setTyped] = useState(asTyped(left, sale))
  const [endsMembership, endMembership] = useState(sale.isMembership)
  const amount = typedAmount(typed, sale)
  const isWithin = amount !== null && amount > 0 && amount <= left
  const sum = isWithin ? inMoney(amount, sale) : ''
  async function give() {
    if (!isWithin) return
    try {
      await moneyApi.refund(sale.id, { amount, refundedBefore: sale.refunded, endMembership: endsMembership })
      toast(`${sum} given back to ${sale.buyer}`)
    } catch (error) {
      toast(asApiError(error).message)
    }
    onDone()
  }
  return (
    <Confirm
      title={isWithin ? `Give ${sum} back to ${sale.buyer}?` : `Give how much back to ${sale.buyer}?`}
      action={isWithin ? `Give ${sum} back` : 'Give back'}
      isDangerous
      isReady={isWithin}
      onConfirm={give}
      onClose={onClose}
    >
      <div class="stack">
        <MoneyField
          label="Sum"
          name="sum"
          currency={sale.currency}
          value={typed}
          wrong={isWithin ? null : `At most ${inMoney(left, sale)}.`}
          onType={setTyped}
        />
        {sale.isMembership && (
          <label class="row">
            <input
              type="checkbox"
              checked={endsMembership}
              onChange={(event) => endMembership(event.currentTarget.checked)}
            />
            End the membership now
          </label>
        )}
        <p>
          {amount === left || (sale.isMembership && endsMembership)
            ? 'What was bought with it closes at once.'
            : 'What was bought with it stays open.'}{' '}
          This cannot be undone.
        </p>
      </div>
    </Confirm>
  )
}
