import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { Confirm, Field, Notice, toast } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago, viewersInWords } from '../ui/words.ts'

interface CurrentSessionProps {
  session: SessionView | null
  viewers: number
  onChange(session: SessionView): void
}

export function CurrentSession({ session, viewers, onChange }: CurrentSessionProps) {
  const isOpen = session !== null && ['starting', 'live', 'paused'].includes(session.state)
  return (
    <section class="card padded stack" aria-labelledby="session">
      <div class="row apart">
        <h2 id="session">{isOpen ? 'On stage' : 'Waiting for your stream…'}</h2>
        <SessionBadge session={session} />
      </div>
      {isOpen ? (
        <OpenSession key={session.id} session={session} viewers={viewers} onChange={onChange} />
      ) : (
        <p class="soft">
          Nothing is coming in. Paste the server address and a stream key into your encoder and start it; this page goes
          live by itself.
        </p>
      )}
    </section>
  )
}

function OpenSession({ session, viewers, onChange }: CurrentSessionProps & { session: SessionView }) {
  const [isEnding, setEnding] = useState(false)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ title = '' }) => {
    onChange(await api.updateSession(session.id, { title: title.trim() }))
    toast('Title saved')
  })
  async function end() {
    try {
      onChange(await api.endSession(session.id))
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <>
      <div class="row soft">
        <span class="count">{viewersInWords(viewers)}</span>
        {session.startedAt && <span>started {ago(session.startedAt)}</span>}
      </div>
      {session.state === 'paused' && (
        <Notice>Your encoder is away. Start it again with the same key and the show goes on.</Notice>
      )}
      {session.note && <Notice>{session.note}</Notice>}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <form class="stack" onSubmit={onSubmit}>
        <Field label="Title" name="title" value={session.title} wrong={wrongFields.title} maxLength={140} />
        <div class="row apart">
          <button type="submit" class="button" disabled={isBusy}>
            Save title
          </button>
          <button type="button" class="button danger" onClick={() => setEnding(true)}>
            End the stream
          </button>
        </div>
      </form>
      {isEnding && (
        <Confirm
          title="End this stream?"
          action="End the stream"
          isDangerous
          onConfirm={end}
          onClose={() => setEnding(false)}
        >
          <p>Your encoder is disconnected and viewers see that the show has ended. This cannot be undone.</p>
        </Confirm>
      )}
    </>
  )
}
