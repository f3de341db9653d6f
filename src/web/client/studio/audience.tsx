import { api } from '../api/client.ts'
import type { SessionView } from '../api/views.ts'
import { Choices, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { CoverChoice } from './cover-choice.tsx'

/** Their own stills are shown to everybody. */
const OPEN = new Set(['public', 'unlisted'])

const WHO = [
  { value: 'public', label: 'Everybody', hint: 'On the home page.' },
  { value: 'unlisted', label: 'Who has the address', hint: 'In no list.' },
  { value: 'followers', label: 'Followers', hint: 'Whoever follows the channel.' },
  { value: 'members', label: 'Members', hint: 'From the tier below up.' },
  { value: 'ticket', label: 'Ticket holders', hint: 'A ticket for this show.' },
  { value: 'private', label: 'Invited people', hint: 'Nobody else learns of it.' },
] as const

/** Who a show is for; changed in mid-show it holds at once. */
export function Audience({ session, onChange }: { session: SessionView; onChange(session: SessionView): void }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ visibility, tier = '', minutes = '' }) => {
    const chosen = WHO.find(({ value }) => value === visibility)?.value ?? session.visibility
    const change = { visibility: chosen, requiredTier: Number(tier) || null, previewMinutes: Number(minutes) || 0 }
    onChange(await api.updateSession(session.id, change))
    toast('This holds from now on')
  })
  return (
    <>
      <form class="stack" onSubmit={onSubmit}>
        {wrong && <Notice isBad>{wrong}</Notice>}
        <Choices label="Who may watch" name="visibility" value={session.visibility} options={WHO} />
        <div class="pair">
          <Field
            label="From tier"
            name="tier"
            value={session.requiredTier ? String(session.requiredTier) : ''}
            hint="1 basic, 2 premium, 3 vip; empty for any."
            wrong={wrongFields.requiredTier}
            maxLength={1}
          />
          <Field
            label="Free minutes"
            name="minutes"
            value={session.previewMinutes ? String(session.previewMinutes) : ''}
            hint="For each who may not watch otherwise."
            wrong={wrongFields.previewMinutes}
            maxLength={3}
          />
        </div>
        {session.visibility === 'unlisted' && <p class="fine">Its address: {addressOf(session)}</p>}
        <div>
          <button type="submit" class="button" disabled={isBusy}>
            Change who may watch
          </button>
        </div>
      </form>
      {!OPEN.has(session.visibility) && (
        <CoverChoice
          of={{ kind: 'sessions', id: session.id }}
          cover={session.cover}
          pictureUrl={session.pictureUrl}
          onChoose={async (cover) => onChange(await api.updateSession(session.id, { cover }))}
          onUploaded={async () => onChange(await api.session(session.id))}
        />
      )}
    </>
  )
}

const addressOf = ({ code }: SessionView) =>
  `${location.origin}${location.pathname.replace(/^\/studio\//, '/c/')}?show=${code}`
