import { useState } from 'preact/hooks'
import { useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { PageTurns } from '../ui/pages.tsx'
import { Empty, Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { AdminsOnly } from './admins-only.tsx'
import { type AuditEntryView, operatorApi } from './operator-api.ts'

/** What acts are about, by the word before the dot. */
const KINDS: Record<string, string> = {
  account: 'Accounts',
  api_key: 'API keys',
  channel: 'Channels',
  channel_ban: 'Bans from a channel',
  comp: 'Comps',
  creator: 'Becoming a creator',
  elsewhere: 'Accounts elsewhere',
  email: 'E-mail addresses',
  gift: 'Gift links',
  invitation: 'Invitations to the node',
  job: 'Jobs',
  moderator: 'Moderators',
  money: 'Payment provider',
  offer: 'Offers',
  passkey: 'Passkeys',
  password: 'Passwords',
  promotion: 'Promotion codes',
  refund: 'Refunds',
  second_factor: 'Second factors',
  session: 'Shows',
  show_invitation: 'Invitations to shows',
  sign_in: 'One sign-in',
  sign_ins: 'All sign-ins',
  stream_key: 'Stream keys',
}

export function AuditLog() {
  usePageTitle('Audit log')
  return (
    <AdminsOnly>
      <Log />
    </AdminsOnly>
  )
}

function Log() {
  const [wanted, setWanted] = useState<Record<string, string>>({})
  const [cursor, setCursor] = useState<string | null>(null)
  const query = { ...wanted, ...(cursor ? { cursor } : {}) }
  const { value, error } = useLoaded(JSON.stringify(query), () => operatorApi.audit(query))
  return (
    <div class="stack wide">
      <h1>Audit log</h1>
      <Filter
        onWanted={(chosen) => {
          setCursor(null)
          setWanted(chosen)
        }}
      />
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value?.entries.length === 0 && <Empty title="No such acts">Acts that matter are kept here, newest first.</Empty>}
      {value && value.entries.length > 0 && (
        <section class="card padded" aria-label="Acts">
          <ul class="keys">
            {value.entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      )}
      <PageTurns cursor={cursor} next={value?.nextCursor ?? null} onTurn={setCursor} />
    </div>
  )
}

function Filter({ onWanted }: { onWanted(wanted: Record<string, string>): void }) {
  const { onSubmit } = useSubmit(async ({ person = '', action = '', from = '', until = '' }) => {
    const wanted = { person: person.trim(), action, from: startOf(from, 0), until: startOf(until, 1) }
    onWanted(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== '')))
  })
  return (
    <form class="card padded stack" onSubmit={onSubmit}>
      <Field label="Who did it, or to whom" name="person" maxLength={120} hint="A part of a name or an address." />
      <label class="field">
        <span class="label">What</span>
        <select class="input" name="action">
          <option value="">Everything</option>
          {Object.entries(KINDS).map(([kind, name]) => (
            <option value={kind} key={kind}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        <label class="field">
          <span class="label">From</span>
          <input class="input" type="date" name="from" />
        </label>
        <label class="field">
          <span class="label">To</span>
          <input class="input" type="date" name="until" />
        </label>
      </div>
      <div>
        <button type="submit" class="button">
          Show
        </button>
      </div>
    </form>
  )
}

/** The first moment of a day here, or of the one after it. */
function startOf(day: string, later: 0 | 1): string {
  if (day === '') return ''
  const at = new Date(`${day}T00:00`)
  at.setDate(at.getDate() + later)
  return at.toISOString()
}

function Entry({ entry }: { entry: AuditEntryView }) {
  const { at, actorName, actorRole, action, target, before, after, address } = entry
  return (
    <li>
      <div class="words">
        <div>
          <strong>{action}</strong> by {actorName ?? 'nobody'} <span class="fine">({actorRole})</span>
        </div>
        <div class="fine">
          <time dateTime={at}>{new Date(at).toLocaleString('en')}</time> · {target}
          {address && ` · from ${address}`}
        </div>
        {(before ?? after) != null && (
          <details>
            <summary class="fine">Before and after</summary>
            <pre class="letter fine">{`before ${inWords(before)}\nafter  ${inWords(after)}`}</pre>
          </details>
        )}
      </div>
    </li>
  )
}

function inWords(value: unknown): string {
  return value === null ? '–' : JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
}
