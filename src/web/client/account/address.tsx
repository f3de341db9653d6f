import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError } from '../api/use-loaded.ts'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi, type SecurityView } from './account-api.ts'

/** The e-mail address: proved or not, and how to have another. */
export function Address({ security }: { security: SecurityView }) {
  const [sentTo, setSentTo] = useState<string | null>(null)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ email = '', password = '', code = '' }) => {
    await accountApi.askForNewAddress(email.trim(), password, code.trim())
    setSentTo(email.trim())
  })
  return (
    <section class="card padded stack" aria-labelledby="address">
      <h2 id="address">E-mail address</h2>
      {me.value && !me.value.emailVerified && <Unproved email={me.value.email} />}
      {sentTo !== null && (
        <Notice>Follow the link in the mail to {sentTo}. Until then your address stays as it is.</Notice>
      )}
      {wrong && <Notice isBad>{wrong}</Notice>}
      {security.hasPassword ? (
        <form class="stack" onSubmit={onSubmit} key={sentTo}>
          <Field
            label="New address"
            name="email"
            type="email"
            wrong={wrongFields.email}
            autocomplete="email"
            required
            hint={`We send a link there, and tell ${me.value?.email ?? 'the old one'} once it counts.`}
          />
          <Field label="Your password" name="password" type="password" autocomplete="current-password" required />
          {security.hasSecondFactor && (
            <Field
              label="Code of your authenticator app"
              name="code"
              autocomplete="one-time-code"
              required
              maxLength={20}
            />
          )}
          <div>
            <button type="submit" class="button" disabled={isBusy}>
              Change the address
            </button>
          </div>
        </form>
      ) : (
        <p class="soft">To change it, choose a password first.</p>
      )}
    </section>
  )
}

/** For who has not followed the link of the first mail yet. */
function Unproved({ email }: { email: string }) {
  return (
    <Notice isBad>
      {email} is not confirmed yet. Follow the link in the mail we sent you. <SendAgain email={email} />
    </Notice>
  )
}

export function SendAgain({ email }: { email: string }) {
  const [isSent, setSent] = useState(false)
  async function send() {
    try {
      await accountApi.resend(email)
      setSent(true)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <button type="button" class="button small" disabled={isSent} onClick={send}>
      {isSent ? 'Sent' : 'Send again'}
    </button>
  )
}
