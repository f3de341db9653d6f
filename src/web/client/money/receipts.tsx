import { inMoney, onDay } from './amounts.ts'
import type { PaymentView } from './money-api.ts'

export function Receipts({ payments }: { payments: PaymentView[] }) {
  if (payments.length === 0) return null
  return (
    <ul class="lines fine" aria-label="Payments">
      {payments.map((payment) => (
        <li key={payment.id}>
          {onDay(payment.paidAt)}: {inMoney(payment.amount, payment)}
          {payment.periodStart &&
            payment.periodEnd &&
            `, for ${onDay(payment.periodStart)} – ${onDay(payment.periodEnd)}`}
          {payment.refunded > 0 && `, ${inMoney(payment.refunded, payment)} given back`}
          {payment.receiptUrl && (
            <>
              {' · '}
              <a href={payment.receiptUrl}>Receipt</a>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}
