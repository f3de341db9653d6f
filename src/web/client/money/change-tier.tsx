import { useEffect, useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { Confirm, Notice, toast } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { inMoney, onDay } from './amounts.ts'
import { type Billing, type MembershipView, moneyApi, type OfferView } from './money-api.ts'
import { TIERS } from './words.ts'

interface ChangeTierProps {
  membership: MembershipView
  /** What is chosen at first. */
  wanted?: { offerId: string; billing: Billing }
  onDone(): void
  onClose(): void
}

/** Another tier or billing: what it costs and from when, before it is done. */
export function ChangeTier({ membership, wanted, onDone, onClose }: ChangeTierProps) {
  const { channelId } = membership
  const { value, error } = useLoaded(`tiers of ${channelId}`, () => moneyApi.offers(channelId, null))
  const choices = (value?.offers ?? []).flatMap((offer) => waysTo(offer, membership))
  const [chosen, choose] = useState(wanted ? keyOf(wanted.offerId, wanted.billing) : '')
  useEffect(() => {
    if (chosen === '' && choices[0]) choose(choices[0].key)
  }, [choices.length])
  const choice = choices.find(({ key }) => key === chosen)

  async function change() {
    if (!choice) return
    try {
      await moneyApi.changeMembership(membership.id, { offerId: choice.offer.id, billing: choice.billing })
      toast(choice.isAtOnce ? `You have ${choice.offer.name} now` : 'It changes when the paid period is over')
    } catch (failed) {
      toast(asApiError(failed).message)
    }
    onDone()
  }

  return (
    <Confirm
      title="Change your membership"
      action={choice ? 'Change it' : 'Nothing to change to'}
      isReady={choice !== undefined}
      onConfirm={change}
      onClose={onClose}
    >
      <div class="stack">
        {error && <Notice isBad>{error.message}</Notice>}
        {value && choices.length === 0 && <p>This channel has no other membership to change to.</p>}
        {choices.length > 0 && (
          <SelectField
            label="To"
            name="to"
            value={chosen}
            options={choices.map(({ key, label }) => ({ value: key, label }))}
            onChange={choose}
          />
        )}
        {choice && <p>{choice.about}</p>}
      </div>
    </Confirm>
  )
}

const keyOf = (offerId: string, billing: Billing) => `${offerId} ${billing}`

/** The ways in which this offer may follow on that membership, as memberships.ts on the server judges them. */
function waysTo(offer: OfferView, membership: MembershipView) {
  const { id, kind, tier, price, yearlyPrice, isOnSale, name } = offer
  const isOwn = id === membership.offerId
  if (kind !== 'membership' || tier === null || (!isOnSale && !isOwn)) return []
  const steps = TIERS.indexOf(tier) - TIERS.indexOf(membership.tier ?? 'basic')
  const billings: Billing[] = membership.billing === 'year' ? ['year'] : ['month', 'year']
  return billings.flatMap((billing) => {
    const amount = billing === 'year' ? yearlyPrice : price
    const isLonger = billing !== membership.billing
    const undoes = isOwn && !isLonger && membership.nextOfferId !== null
    const isPossible =
      undoes || (membership.nextOfferId === null ? steps > 0 || (isOwn ? isLonger : !isLonger) : steps < 0)
    if (amount === null || !isPossible || (isOwn && !isLonger && !undoes)) return []
    const isAtOnce = steps > 0 || isLonger
    const every = `${inMoney(amount, offer)} a ${billing}`
    const end = membership.currentPeriodEnd ? onDay(membership.currentPeriodEnd) : 'the end of the period'
    const about = undoes
      ? `You keep ${name} after all, for ${every}.`
      : isAtOnce
        ? `At once. You pay the difference for what is left of this period now, then ${every}.`
        : `You keep what you have until ${end}; from then on it is ${every}.`
    return [{ key: keyOf(id, billing), offer, billing, isAtOnce, label: `${name}: ${every}`, about }]
  })
}
