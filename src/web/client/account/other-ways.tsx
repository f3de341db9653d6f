import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { toast } from '../ui/parts.tsx'
import { accountApi } from './account-api.ts'
import type { useSecondStep } from './second-step.tsx'
import { hasPasskeys, showPasskey } from './webauthn.ts'
import { whereTo } from './where-to.ts'

/** Besides the password: a link, a passkey, and whatever this node offers elsewhere. */
export function OtherWays({ goOn }: Pick<ReturnType<typeof useSecondStep>, 'goOn'>) {
  const { value } = useLoaded('ways', accountApi.ways)

  async function go(provider: string) {
    try {
      location.assign((await accountApi.elsewhere(provider, whereTo())).url)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }

  async function byPasskey() {
    try {
      await goOn(await accountApi.signInByPasskey(await showPasskey(await accountApi.askForPasskey())))
    } catch (error) {
      toast(error instanceof DOMException ? 'No passkey was used.' : asApiError(error).message)
    }
  }

  return (
    <div class="stack tight">
      {value?.elsewhere.map(({ provider, name }) => (
        <button type="button" class="button" key={provider} onClick={() => go(provider)}>
          {name}
        </button>
      ))}
      {hasPasskeys && (
        <button type="button" class="button" onClick={byPasskey}>
          Use a passkey
        </button>
      )}
      <p class="fine">
        <a href="/sign-in/link">Sign in by mail</a> · <a href="/reset">Forgot your password?</a>
      </p>
    </div>
  )
}
