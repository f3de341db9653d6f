import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoaded } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { Notice } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { atTime } from './amounts.ts'
import { moneyApi, type WhyView } from './money-api.ts'
import { TIER_NAMES, TIERS } from './words.ts'

/** Of whom it is asked; null: somebody who is not signed in. */
export interface WhyOf {
  userId: string | null
  name: string
}

/** Why somebody can or cannot watch a show of this channel, in words. */
export function Why({ of, shows, onClose }: { of: WhyOf; shows: SessionView[]; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [sessionId, setSession] = useState(shows[0]?.id ?? '')
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="why-title">
      <div class="stack">
        <h2 id="why-title">Can {of.name === 'A stranger' ? 'a stranger' : of.name} watch?</h2>
        {shows.length === 0 ? (
          <p class="soft">No show is on or planned. This is answered of a show.</p>
        ) : (
          <>
            <SelectField
              label="Show"
              name="show"
              value={sessionId}
              options={shows.map(({ id, title }) => ({ value: id, label: title || 'Without a title' }))}
              onChange={setSession}
            />
            <Answer key={`${sessionId} ${of.userId}`} sessionId={sessionId} userId={of.userId} />
          </>
        )}
        <div class="actions">
          <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  )
}

function Answer({ sessionId, userId }: { sessionId: string; userId: string | null }) {
  const { value, error } = useLoaded(`why ${sessionId} ${userId}`, () => moneyApi.why(sessionId, userId))
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-field" />
  const { decision, person, watching } = value
  const rights = person?.rights ?? []
  return (
    <div class="stack tight" data-can-watch={decision.allowed}>
      <p>
        <strong>{decision.allowed ? 'Yes' : 'No'}.</strong> {inWords(value)}
      </p>
      {person && (
        <ul class="fine">
          {person.isModerator && <li>Is a moderator of the channel.</li>}
          <li>{person.isFollower ? 'Follows the channel.' : 'Does not follow the channel.'}</li>
          {rights.length === 0 && <li>Holds no ticket and no membership.</li>}
          {rights.map(({ scope, tier, expiresAt, isOver }) => (
            <li key={`${scope} ${tier} ${expiresAt}`}>
              {nameOf(scope, tier)}
              {expiresAt && `${isOver ? ', over since ' : ' until '}${atTime(expiresAt)}`}
            </li>
          ))}
          {watching.map(({ since }) => (
            <li key={since}>Is watching since {atTime(since)}.</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function nameOf(scope: string, tier: number): string {
  const name = TIERS[tier - 1]
  if (name) return `Membership, ${TIER_NAMES[name]}`
  return scope.startsWith('session:') ? 'Ticket to this show' : 'Ticket'
}

function inWords({ decision, asked }: WhyView): string {
  if (decision.allowed) {
    if (decision.previewEndsAt) return `A free preview, until ${atTime(decision.previewEndsAt)}.`
    return decision.until ? `Until ${atTime(decision.until)}.` : 'Without an end.'
  }
  const tier = TIERS[(asked.requiredTier ?? 1) - 1] ?? 'basic'
  const reasons: Record<string, string> = {
    sign_in: 'They are not signed in, and this show is not open to everybody.',
    verify: 'They have not confirmed their address.',
    buy: 'It needs a ticket, and they hold none.',
    join: `It is for members from ${TIER_NAMES[tier]} up, and they are none.`,
    upgrade: `It is for members from ${TIER_NAMES[tier]} up, and theirs is lower.`,
    follow: 'It is for followers, and they do not follow the channel.',
    invite_only: 'It is for invited people, and they are not invited.',
    banned: 'They were shut out of the channel, or their account is suspended.',
    ended: 'The show is over, or what they had has run out.',
    device_limit: 'They watch on as many devices as their account may.',
  }
  return reasons[decision.reason ?? ''] ?? `The reason is “${decision.reason}”.`
}
