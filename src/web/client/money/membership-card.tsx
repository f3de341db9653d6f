import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import { Confirm, Notice, toast } from '../ui/parts.tsx'
import { onDay } from './amounts.ts'
import { ChangeTier } from './change-tier.tsx'
import { type MyMembershipView, moneyApi } from './money-api.ts'
import { Receipts } from './receipts.tsx'
import { isGoing, standingOf } from './words.ts'

/** A membership of mine: how it stands, and what can be done about it. */
export function MembershipCard({ membership, onChange }: { membership: MyMembershipView; onChange(): void }) {
  const { id, name, channel, state, currentPeriodEnd, cancelAtPeriodEnd, graceUntil, nextOfferId } = membership
  const [asked, ask] = useState<'cancel' | 'change' | null>(null)
  const end = currentPeriodEnd ? onDay(currentPeriodEnd) : 'the end of the period'
  const attempt = (act: Promise<unknown>) =>
    act.catch((error: unknown) => toast(asApiError(error).message)).then(onChange)
  const toProvider = () =>
    moneyApi.portal(id).then(
      ({ url }) => location.assign(url),
      (error: unknown) => toast(asApiError(error).message),
    )
  return (
    <div class="whole stack tight" data-membership={state}>
      <div class="row apart">
        <strong>{name}</strong>
        <span class="badge">{standingOf(membership)}</span>
      </div>
      <p class="soft">
        <a href={`/c/${channel.slug}`}>{channel.name}</a>
        {` · by the ${membership.billing}`}
      </p>
      {state === 'past_due' && (
        <Notice isBad>
          Your last payment did not go through.{' '}
          {graceUntil && `Everything stays open until ${onDay(graceUntil)}; after that it closes.`}
        </Notice>
      )}
      {nextOfferId && <p class="soft">Another tier begins on {end}; until then you keep this one.</p>}
      {(isGoing(membership) || state === 'past_due') && (
        <div class="row">
          {state === 'past_due' && (
            <button type="button" class="button small primary" onClick={toProvider}>
              Bring your card up to date
            </button>
          )}
          {isGoing(membership) && !cancelAtPeriodEnd && (
            <>
              <button type="button" class="button small" onClick={() => ask('change')}>
                Change tier
              </button>
              <button type="button" class="button small" onClick={toProvider}>
                Card and address
              </button>
            </>
          )}
          {!cancelAtPeriodEnd && (
            <button type="button" class="button small danger" onClick={() => ask('cancel')}>
              Cancel
            </button>
          )}
          {isGoing(membership) && cancelAtPeriodEnd && (
            <button type="button" class="button small primary" onClick={() => attempt(moneyApi.resume(id))}>
              Go on after all
            </button>
          )}
        </div>
      )}
      <Receipts payments={membership.payments} />
      {asked === 'cancel' && (
        <Confirm
          title={`Cancel “${name}”?`}
          action="Cancel it"
          dismiss="Keep it"
          isDangerous
          onConfirm={() => attempt(moneyApi.cancel(id))}
          onClose={() => ask(null)}
        >
          {isGoing(membership)
            ? `It stays open until ${end} and is not paid again. Until then you can change your mind.`
            : 'It ends now, and nothing more is asked of you.'}
        </Confirm>
      )}
      {asked === 'change' && <ChangeTier membership={membership} onDone={onChange} onClose={() => ask(null)} />}
    </div>
  )
}
