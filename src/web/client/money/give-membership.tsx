import { useState } from 'preact/hooks'
import { Confirm } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { inMoney } from './amounts.ts'
import type { OfferView } from './money-api.ts'
import { inMonths } from './words.ts'

const MONTHS = [1, 3, 6, 12]

/** Buys a membership for somebody else: for how long, and what that costs in all. */
export function GiveMembership(props: {
  offer: OfferView
  onBuy(giftMonths: number, expectedAmount: number): Promise<void>
  onClose(): void
}) {
  const { offer } = props
  const [months, setMonths] = useState(1)
  const sum = giftPriceOf(offer, months)
  return (
    <Confirm
      title={`Give “${offer.name}” to somebody`}
      action={`Pay ${inMoney(sum, offer)}`}
      onConfirm={() => props.onBuy(months, sum)}
      onClose={props.onClose}
    >
      <div class="stack">
        <SelectField
          label="For how long"
          name="months"
          value={String(months)}
          options={MONTHS.map((count) => ({
            value: String(count),
            label: `${inMonths(count)}: ${inMoney(giftPriceOf(offer, count), offer)}`,
          }))}
          onChange={(value) => setMonths(Number(value))}
        />
        <p>You pay once. Under “My purchases” you then find a link to hand on; who takes it is a member.</p>
      </div>
    </Confirm>
  )
}

function giftPriceOf({ price, yearlyPrice }: OfferView, months: number): number {
  return months === 12 && yearlyPrice !== null ? yearlyPrice : price * months
}
