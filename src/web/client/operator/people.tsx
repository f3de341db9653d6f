import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { PageTurns } from '../ui/pages.tsx'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { AdminsOnly } from './admins-only.tsx'
import { Invitations } from './invitations.tsx'
import { operatorApi, type PersonChange, type PersonView } from './operator-api.ts'

const ROLES = ['viewer', 'creator', 'moderator', 'admin'] as const

export function People() {
  usePageTitle('People')
  return (
    <AdminsOnly>
      <div class="stack wide">
        <h1>People</h1>
        <p class="fine">
          <a href="/operator/audit">Audit log</a> · <a href="/operator/mail">Mail that did not leave</a>
        </p>
        <Invitations />
        <Found />
      </div>
    </AdminsOnly>
  )
}

function Found() {
  const [search, setSearch] = useState('')
  const [onlyAsking, setOnlyAsking] = useState(false)
  const [cursor, setCursor] = useState<string | null>(null)
  const query = {
    ...(search ? { search } : {}),
    ...(onlyAsking ? { wantsToCreate: 'true' } : {}),
    ...(cursor ? { cursor } : {}),
  }
  const { value, error, reload } = useLoaded(JSON.stringify(query), () => operatorApi.people(query))
  const begin = (act: () => void) => {
    setCursor(null)
    act()
  }

  return (
    <section class="card padded stack" aria-labelledby="found">
      <h2 id="found">Accounts</h2>
      <div class="field">
        <label for="search">Name or address</label>
        <input
          id="search"
          class="input"
          type="search"
          maxLength={100}
          onInput={(event) => {
            const { value: typed } = event.currentTarget
            begin(() => setSearch(typed.trim()))
          }}
        />
      </div>
      <label class="row">
        <input type="checkbox" onChange={(event) => begin(() => setOnlyAsking(event.currentTarget.checked))} /> Who
        asked to become a creator
      </label>
      {error && <Notice isBad>{error.message}</Notice>}
      {value?.users.length === 0 && <p class="soft">Nobody.</p>}
      <ul class="keys">
        {value?.users.map((person) => (
          <One key={person.id} person={person} onChange={reload} />
        ))}
      </ul>
      <PageTurns cursor={cursor} next={value?.nextCursor ?? null} onTurn={setCursor} />
    </section>
  )
}

function One({ person, onChange }: { person: PersonView; onChange(): void }) {
  async function change(to: PersonChange, done: string) {
    try {
      await operatorApi.change(person.id, to)
      toast(done)
      onChange()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  const isMe = person.id === me.value?.id
  const isOut = person.status !== 'active'
  return (
    <li>
      <div class="words">
        <div>
          {person.name} <span class="fine">{person.email}</span>
        </div>
        <div class="fine">
          {person.role}
          {isOut && ` · ${person.status}${person.statusReason ? `: ${person.statusReason}` : ''}`}
          {person.wantsToCreate && ' · asks to become a creator'}
        </div>
      </div>
      {!isMe && (
        <div class="row">
          {person.wantsToCreate && (
            <button
              type="button"
              class="button small"
              onClick={() => change({ role: 'creator' }, `${person.name} is a creator`)}
            >
              Approve
            </button>
          )}
          <select
            class="input"
            aria-label={`Role of ${person.name}`}
            value={person.role}
            onChange={({ currentTarget: { value } }) => {
              const role = ROLES.find((one) => one === value)
              if (role) void change({ role }, `${person.name} is ${role}`)
            }}
          >
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
          {isOut ? (
            <button
              type="button"
              class="button small"
              onClick={() => change({ status: 'active' }, `${person.name} is back`)}
            >
              Let back in
            </button>
          ) : (
            <Judge person={person} change={change} />
          )}
        </div>
      )}
    </li>
  )
}

const DAY_MS = 24 * 3_600_000

function Judge({ person, change }: { person: PersonView; change(to: PersonChange, done: string): Promise<void> }) {
  const [isOpen, open] = useState(false)
  const { onSubmit, isBusy } = useSubmit(async ({ reason = '', days = '' }) => {
    const statusReason = reason.trim() || null
    const until = Number(days) > 0 ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null
    const status = until ? 'suspended' : 'banned'
    await change({ status, statusReason, statusUntil: until }, `${person.name} is ${status}`)
  })
  if (!isOpen) {
    return (
      <button
        type="button"
        class="button small danger"
        aria-label={`Suspend or ban ${person.name}`}
        onClick={() => open(true)}
      >
        Suspend…
      </button>
    )
  }
  return (
    <form class="stack" onSubmit={onSubmit}>
      <Field label="Reason, shown to them" name="reason" maxLength={500} />
      <label class="field">
        <span class="label">For</span>
        <select class="input" name="days">
          <option value="1">a day</option>
          <option value="7">a week</option>
          <option value="30">30 days</option>
          <option value="0">good (ban)</option>
        </select>
      </label>
      <button type="submit" class="button danger" disabled={isBusy}>
        Show them out
      </button>
    </form>
  )
}
