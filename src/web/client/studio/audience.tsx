import { api } from '../api/client.ts'
import type { SessionView } from '../api/views.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { AudienceFields, audienceIn } from './audience-fields.tsx'
import { CoverChoice } from './cover-choice.tsx'

/** Their own stills are shown to everybody. */
const OPEN = new Set(['public', 'unlisted'])

/** Who a show is for; changed in mid-show it holds at once. */
export function Audience({ session, onChange }: { session: SessionView; onChange(session: SessionView): void }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async (fields) => {
    onChange(await api.updateSession(session.id, audienceIn(fields, session.visibility)))
    toast('This holds from now on')
  })
  return (
    <>
      <form class="stack" onSubmit={onSubmit}>
        {wrong && <Notice isBad>{wrong}</Notice>}
        <AudienceFields of={session} wrongFields={wrongFields} />
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
