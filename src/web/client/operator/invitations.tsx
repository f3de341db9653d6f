import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { Confirm, CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'
import { type InvitationView, type NewInvitation, operatorApi } from './operator-api.ts'

/** Invitations to the node: a new one, and those nobody has used yet. */
export function Invitations() {
  const [made, setMade] = useState<NewInvitation | null>(null)
  const { value, error, reload } = useLoaded('invitations', operatorApi.invitations)
  const show = (invitation: NewInvitation) => {
    setMade(invitation)
    reload()
  }
  return (
    <section class="card padded stack" aria-labelledby="invite">
      <h2 id="invite">Invite somebody</h2>
      {made && <Made invitation={made} />}
      <Invite onMade={show} />
      {error && <Notice isBad>{error.message}</Notice>}
      {value && value.invitations.length > 0 && (
        <>
          <h2>Open invitations</h2>
          <ul class="keys">
            {value.invitations.map((one) => (
              <Open key={one.id} invitation={one} onMade={show} onGone={reload} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Made({ invitation: { word, email } }: { invitation: NewInvitation }) {
  return (
    <>
      {email && <Notice>The link was mailed to {email}.</Notice>}
      <CopyField
        label="Link, good once"
        value={`${location.origin}/register?invitation=${word}`}
        hint="Shown only now."
      />
    </>
  )
}

function Invite({ onMade }: { onMade(invitation: NewInvitation): void }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ role = 'viewer', note = '', email = '' }) => {
    onMade(await operatorApi.invite(role, note.trim(), email.trim() || null))
  })
  return (
    <form class="stack" onSubmit={onSubmit}>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field label="For whom" name="note" maxLength={120} />
      <Field
        label="E-mail, if the link is to be sent there"
        name="email"
        type="email"
        wrong={wrongFields.email}
        maxLength={254}
      />
      <label class="field">
        <span class="label">As</span>
        <select class="input" name="role">
          <option value="viewer">Viewer</option>
          <option value="creator">Creator</option>
        </select>
      </label>
      <div>
        <button type="submit" class="button" disabled={isBusy}>
          Make a link
        </button>
      </div>
    </form>
  )
}

function Open(props: { invitation: InvitationView; onMade(invitation: NewInvitation): void; onGone(): void }) {
  const { id, role, note, email, createdAt, expiresAt } = props.invitation
  const [isAsking, ask] = useState(false)
  const who = note || email || 'Somebody'
  async function attempt(act: () => Promise<void>) {
    try {
      await act()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  const withdraw = async () => {
    await operatorApi.withdrawInvitation(id)
    toast('The invitation is withdrawn')
    props.onGone()
  }
  return (
    <li>
      <div class="words">
        <div>
          {who} {note && email && <span class="fine">{email}</span>}
        </div>
        <div class="fine">
          As a {role}, made {ago(createdAt)}, good until {new Date(expiresAt).toLocaleDateString('en')}
        </div>
      </div>
      <button
        type="button"
        class="button small"
        aria-label={`${email ? 'Send again to' : 'New link for'} ${who}`}
        onClick={() => attempt(async () => props.onMade(await operatorApi.inviteAgain(id)))}
      >
        {email ? 'Send again' : 'New link'}
      </button>
      <button
        type="button"
        class="button small danger"
        aria-label={`Withdraw the invitation of ${who}`}
        onClick={() => ask(true)}
      >
        Withdraw
      </button>
      {isAsking && (
        <Confirm
          title={`Withdraw the invitation of ${who}?`}
          action="Withdraw"
          isDangerous
          onConfirm={() => attempt(withdraw)}
          onClose={() => ask(false)}
        >
          <p>Its link opens nothing any more.</p>
        </Confirm>
      )}
    </li>
  )
}
