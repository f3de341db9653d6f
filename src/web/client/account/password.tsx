import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi } from './account-api.ts'

/** A new password, or the first one for who came with an account elsewhere. */
export function Password({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  return hasPassword ? <Change email={email} /> : <First email={email} />
}

function First({ email }: { email: string }) {
  const [isSent, setSent] = useState(false)
  async function send() {
    try {
      await accountApi.sendReset(email)
      setSent(true)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <section class="card padded stack" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p class="soft">Your account has none: you come in with an account elsewhere, a passkey or a mailed link.</p>
      {isSent ? (
        <Notice>Follow the link in the mail to {email}.</Notice>
      ) : (
        <div>
          <button type="button" class="button" onClick={send}>
            Mail me a link to choose one
          </button>
        </div>
      )}
    </section>
  )
}

function Change({ email }: { email: string }) {
  const [round, setRound] = useState(0)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ currentPassword = '', newPassword = '' }) => {
    await api.changePassword({ currentPassword, newPassword })
    setRound((before) => before + 1)
    toast('Password changed')
  })
  return (
    <section class="card padded stack" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p class="fine">With a new password you stay signed in here, and every other browser or device is signed out.</p>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <form class="stack" onSubmit={onSubmit} key={round}>
        {/* Tells a password manager whose password this is. */}
        <input type="text" autocomplete="username" value={email} readOnly hidden />
        <Field
          label="Current password"
          name="currentPassword"
          type="password"
          wrong={wrongFields.currentPassword}
          autocomplete="current-password"
          required
        />
        <Field
          label="New password"
          name="newPassword"
          type="password"
          hint="At least 8 characters."
          wrong={wrongFields.newPassword}
          autocomplete="new-password"
          required
          minLength={8}
          maxLength={128}
        />
        <div>
          <button type="submit" class="button" disabled={isBusy}>
            Change password
          </button>
        </div>
      </form>
    </section>
  )
}
