import { useState } from 'preact/hooks'
import type { SessionView } from '../api/views.ts'
import { Field, Notice, TextField, toast } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { moneyApi, type OfferView } from './money-api.ts'
import { MoneyField } from './money-field.tsx'
import { FIELDS, fieldsOf, type OfferKind, termsIn } from './offer-fields.ts'
import { TIER_NAMES } from './words.ts'

const KINDS = [
  { value: 'membership', label: 'Membership' },
  { value: 'ticket', label: 'Ticket' },
  { value: 'rent', label: 'Rent' },
  { value: 'own', label: 'To own, for ever' },
] as const
const RENT_FROM = [
  { value: 'purchase', label: 'the purchase' },
  { value: 'first_play', label: 'the first play' },
]

interface OfferFormProps {
  channelId: string
  /** What may be sold beside memberships. */
  shows: SessionView[]
  /** Changed where it is given, made where it is null. */
  offer: OfferView | null
  currency: string
  onDone(): void
  onClose(): void
}

export function OfferForm({ channelId, shows, offer, currency: usual, onDone, onClose }: OfferFormProps) {
  const known = offer ? fieldsOf(offer) : { currency: usual }
  const [kind, setKind] = useState<OfferKind>(offer?.kind ?? 'membership')
  const [currency, setCurrency] = useState(known.currency ?? usual)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async (fields) => {
    const terms = termsIn(kind, { currency, ...fields })
    if (offer) await moneyApi.changeOffer(offer.id, { ...terms, version: offer.version })
    else
      await moneyApi.createOffer(channelId, { ...terms, kind, ...targetIn(fields), currency: currency.toUpperCase() })
    toast(offer ? 'Changed; what was bought keeps its terms' : 'It is on sale')
    onDone()
  })
  const kinds = shows.length > 0 ? KINDS : KINDS.filter(({ value }) => value === 'membership')
  const has = (field: string) => FIELDS[kind].includes(field)
  const shared = (name: string) => ({ name, value: known[name] ?? '', wrong: wrongFields[name] ?? null })

  return (
    <form class="stack" onSubmit={onSubmit} aria-label={offer ? `Change ${offer.name}` : 'Sell something new'}>
      {!offer && (
        <div class="pair">
          <SelectField
            label="What"
            name="kind"
            value={kind}
            options={kinds}
            onChange={(value) => setKind(KINDS.find((one) => one.value === value)?.value ?? kind)}
          />
          {kind === 'membership' ? (
            <SelectField label="Tier" name="tier" options={TIERS} />
          ) : (
            <SelectField
              label="Show"
              name="sessionId"
              options={shows.map(({ id, title }) => ({ value: id, label: title }))}
            />
          )}
        </div>
      )}
      <Field label="Name" {...shared('name')} required maxLength={120} />
      <TextField label="What one gets" {...shared('perks')} maxLength={2_000} />
      <div class="pair">
        <MoneyField
          label={kind === 'membership' ? 'Price a month' : 'Price'}
          currency={currency}
          {...shared('price')}
          required
        />
        {offer ? null : (
          <div class="field">
            <label for="offer-currency">Currency</label>
            <input
              id="offer-currency"
              class="input"
              name="currency"
              value={currency}
              required
              minLength={3}
              maxLength={3}
              autocomplete="off"
              onInput={(event) => setCurrency(event.currentTarget.value)}
            />
            {wrongFields.currency && <p class="wrong">{wrongFields.currency}</p>}
          </div>
        )}
        {has('yearlyPrice') && (
          <MoneyField
            label="Price a year"
            currency={currency}
            {...shared('yearlyPrice')}
            hint="Empty: by the month alone."
          />
        )}
        {has('trialDays') && (
          <Field label="Days of trial" type="number" {...shared('trialDays')} hint="Empty for none." />
        )}
        {has('rentHours') && <Field label="Hours" type="number" {...shared('rentHours')} required />}
        {has('rentFrom') && (
          <SelectField label="Counted from" name="rentFrom" value={known.rentFrom ?? 'purchase'} options={RENT_FROM} />
        )}
        {has('seats') && <Field label="Seats" type="number" {...shared('seats')} hint="Empty: as many as come." />}
        {has('replayDays') && (
          <Field
            label="Days of replay"
            type="number"
            {...shared('replayDays')}
            hint="Empty: for ever. 0: the show alone."
          />
        )}
      </div>
      <details>
        <summary>{has('earlyPrice') ? 'Early price and time of the sale' : 'Time of the sale'}</summary>
        <div class="pair">
          {has('earlyPrice') && <MoneyField label="Early price" currency={currency} {...shared('earlyPrice')} />}
          {has('earlyUntil') && <Field label="Early price until" type="datetime-local" {...shared('earlyUntil')} />}
          <Field label="Sold from" type="datetime-local" {...shared('saleFrom')} />
          <Field label="Sold until" type="datetime-local" {...shared('saleUntil')} />
        </div>
      </details>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div class="row">
        <button type="submit" class="button primary" disabled={isBusy}>
          {offer ? 'Save' : 'Sell it'}
        </button>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

const TIERS = Object.entries(TIER_NAMES).map(([value, label]) => ({ value, label }))

function targetIn({ tier, sessionId }: Record<string, string>) {
  return sessionId ? { sessionId } : { tier }
}
