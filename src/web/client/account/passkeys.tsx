import { asApiError } from '../api/use-loaded.ts'
import { Field, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'
import { accountApi, type SecurityView } from './account-api.ts'
import { hasPasskeys, makePasskey } from './webauthn.ts'

export function Passkeys({ passkeys, onChange }: Pick<SecurityView, 'passkeys'> & { onChange(): void }) {
  const { onSubmit, isBusy } = useSubmit(async ({ name = '' }) => {
    try {
      await accountApi.addPasskey(name.trim(), await makePasskey(await accountApi.askForNewPasskey()))
      onChange()
    } catch (error) {
      toast(error instanceof DOMException ? 'No passkey was made.' : asApiError(error).message)
    }
  })

  async function remove(id: string) {
    try {
      await accountApi.removePasskey(id)
      onChange()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }

  return (
    <section class="card padded stack" aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p class="soft">Sign in with your device instead of a password.</p>
      <ul class="keys">
        {passkeys.map(({ id, name, createdAt }) => (
          <li key={id}>
            <div class="words">
              <div>{name}</div>
              <div class="fine">Added {ago(createdAt)}</div>
            </div>
            <button
              type="button"
              class="button small danger"
              aria-label={`Remove the passkey ${name}`}
              onClick={() => remove(id)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {hasPasskeys ? (
        <form class="stack" onSubmit={onSubmit} key={passkeys.length}>
          <Field label="Label of a new passkey" name="name" value="This device" required maxLength={60} />
          <div>
            <button type="submit" class="button" disabled={isBusy}>
              Add a passkey
            </button>
          </div>
        </form>
      ) : (
        <p class="fine">This browser makes none here; it takes a recent one, and a page over HTTPS.</p>
      )}
    </section>
  )
}
