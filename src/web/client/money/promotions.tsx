import { useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { Confirm, Field, Notice, toast } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { atTime, inMoney, kindOf, typedAmount } from './amounts.ts'
import { moneyApi, type OfferView, type PromotionView } from './money-api.ts'

/** Codes that take something off a price. */
export function Promotions({ channelId, offers }: { channelId: string; offers: OfferView[] }) {
  const { value, error, reload } = useLoaded(`promotions ${channelId}`, () => moneyApi.promotions(channelId))
  const [isOpen, open] = useState(false)
  const [ending, setEnding] = useState<PromotionView | null>(null)
  async function end(promotion: PromotionView) {
    await moneyApi.endPromotion(channelId, promotion.id).catch((failed: unknown) => toast(asApiError(failed).message))
    reload()
  }
  const nameOf = (id: string | null) => offers.find((offer) => offer.id === id)?.name ?? 'everything'
  return (
    <section class="card padded stack" aria-labelledby="codes">
      <div class="row apart">
        <h2 id="codes">Promotion codes</h2>
        {!isOpen && (
          <button type="button" class="button small" onClick={() => open(true)}>
            New code
          </button>
        )}
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      {isOpen && (
        <NewPromotion
          channelId={channelId}
          offers={offers}
          onClose={() => open(false)}
          onDone={() => {
            open(false)
            reload()
          }}
        />
      )}
      {value?.promotions.length === 0 && !isOpen && (
        <p class="soft">None yet. Each is good once per person, off the first payment.</p>
      )}
      <ul class="keys">
        {value?.promotions.map((one) => (
          <li key={one.id} data-code={one.code}>
            <div class="words">
              <div>
                <code>{one.code}</code> · {offOf(one)} off {nameOf(one.offerId)}
              </div>
              <div class="fine">{usesOf(one)}</div>
            </div>
            <button type="button" class="button small danger" onClick={() => setEnding(one)}>
              End
            </button>
          </li>
        ))}
      </ul>
      {ending && (
        <Confirm
          title={`End the code ${ending.code}?`}
          action="End it"
          isDangerous
          onConfirm={() => end(ending)}
          onClose={() => setEnding(null)}
        >
          Nobody can use it any more. What was bought with it stays as it is.
        </Confirm>
      )}
    </section>
  )
}

function NewPromotion(props: { channelId: string; offers: OfferView[]; onDone(): void; onClose(): void }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ code = '', off = '', ...limits }) => {
    await moneyApi.promote(props.channelId, {
      code: code.trim(),
      ...discountIn(off),
      offerId: limits.offerId || null,
      maxUses: limits.maxUses ? Number(limits.maxUses) : null,
      expiresAt: limits.expiresAt ? new Date(limits.expiresAt).toISOString() : null,
    })
    props.onDone()
  })
  const choices = [
    { value: '', label: 'Everything' },
    ...props.offers.map(({ id, name }) => ({ value: id, label: name })),
  ]
  return (
    <form class="stack" onSubmit={onSubmit} aria-label="New code">
      <div class="pair">
        <Field
          label="Code"
          name="code"
          required
          minLength={3}
          maxLength={40}
          wrong={wrongFields.code}
          hint="Letters, digits and hyphens."
        />
        <Field label="Takes off" name="off" required maxLength={20} wrong={wrongFields.off} hint="20 %, or 5.00 EUR." />
        <SelectField label="Off" name="offerId" options={choices} />
        <Field
          label="Good for how many"
          name="maxUses"
          type="number"
          wrong={wrongFields.maxUses}
          hint="Empty: no limit."
        />
        <Field label="Good until" name="expiresAt" type="datetime-local" hint="Empty: until it is ended." />
      </div>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div class="row">
        <button type="submit" class="button primary" disabled={isBusy}>
          Make it
        </button>
        <button type="button" class="button" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

/** "20 %" or "5.00 EUR". */
export function discountIn(text: string): { percentOff: number } | { amountOff: number; currency: string } {
  const percent = /^\s*(\d{1,3})\s*%\s*$/.exec(text)?.[1]
  if (percent && Number(percent) >= 1 && Number(percent) <= 100) return { percentOff: Number(percent) }
  const [, sum = '', code = ''] = /^\s*([\d.,]+)\s*([A-Za-z]{3})\s*$/.exec(text) ?? []
  const kind = kindOf(code)
  const amountOff = kind && typedAmount(sum, kind)
  if (kind && amountOff) return { amountOff, currency: kind.currency }
  const message = 'Write it like 20 % or 5.00 EUR.'
  throw new ApiError(0, 'not_as_it_should_be', message, [{ field: 'off', message }])
}

function offOf({ percentOff, amountOff, currency }: PromotionView): string {
  const kind = currency === null ? null : kindOf(currency)
  return kind && amountOff !== null ? inMoney(amountOff, kind) : `${percentOff} %`
}

function usesOf({ uses, maxUses, expiresAt }: PromotionView): string {
  const used = maxUses === null ? `used ${uses} times` : `${uses} of ${maxUses} used`
  return expiresAt ? `${used} · until ${atTime(expiresAt)}` : used
}
