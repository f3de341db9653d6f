import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { Confirm, Field, Notice, TextField, toast } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago, viewersInWords } from '../ui/words.ts'
import { Audience } from './audience.tsx'

interface CurrentSessionProps {
  session: SessionView | null
  viewers: number
  onChange(session: SessionView): void
}

export function CurrentSession({ session, viewers, onChange }: CurrentSessionProps) {
  const isOpen = isUnderWay(session)
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

/** From the first byte to the end, pauses included. */
export function isUnderWay(session: SessionView | null): session is SessionView {
  return session !== null && ['starting', 'live', 'paused'].includes(session.state)
}

function tagsIn(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

function OpenSession({ session, viewers, onChange }: CurrentSessionProps & { session: SessionView }) {
  const [isEnding, setEnding] = useState(false)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(
    async ({ title = '', description = '', category = '', tags = '' }) => {
      const change = { title: title.trim(), description: description.trim(), category: category.trim() || null }
      onChange(await api.updateSession(session.id, { ...change, tags: tagsIn(tags) }))
      toast('Changes saved')
    },
  )
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
        <Field label="Title" name="title" value={session.title} wrong={wrongFields.title} maxLength={150} />
        <TextField
          label="Description"
          name="description"
          value={session.description}
          wrong={wrongFields.description}
          maxLength={5_000}
        />
        <div class="pair">
          <Field
            label="Category"
            name="category"
            value={session.category ?? ''}
            hint="Music, talk, games …"
            wrong={wrongFields.category}
            maxLength={60}
          />
          <Field
            label="Tags"
            name="tags"
            value={session.tags.join(', ')}
            hint="Up to 20, with commas between."
            wrong={wrongFields.tags}
            maxLength={600}
          />
        </div>
        <div class="row apart">
          <button type="submit" class="button" disabled={isBusy}>
            Save changes
          </button>
          <button type="button" class="button danger" onClick={() => setEnding(true)}>
            End the stream
          </button>
        </div>
      </form>
      <Audience key={session.visibility} session={session} onChange={onChange} />
      {isEnding && (
        <Confirm
          title="End this stream?"
          action="End the stream"
          isDangerous
          onConfirm={end}
          onClose={() => setEnding(false)}
        >
          <p>Your encoder is disconnected and viewers see that the show has ended. This cannot be undone.</p>
          <p>Stop your encoder too: one that connects again by itself begins a new stream.</p>
        </Confirm>
      )}
    </>
  )
}
