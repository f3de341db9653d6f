import { me } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { navigate } from '../router.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { ago } from '../ui/words.ts'
import { accountApi } from './account-api.ts'

export function SignIns() {
  const { value, error, reload } = useLoaded('sign-ins', accountApi.signIns)

  async function attempt(act: () => Promise<unknown>) {
    try {
      await act()
      reload()
    } catch (problem) {
      toast(asApiError(problem).message)
    }
  }

  async function leaveEverywhere() {
    await accountApi.signOutEverywhere()
    navigate('/')
    me.value = null
  }

  return (
    <section class="card padded stack" aria-labelledby="sign-ins">
      <h2 id="sign-ins">Where you are signed in</h2>
      {error && <Notice isBad>{error.message}</Notice>}
      <ul class="keys">
        {value?.signIns.map((one) => (
          <li key={one.id}>
            <div class="words">
              <div>{one.isThis ? 'Here' : browserOf(one.userAgent)}</div>
              <div class="fine">
                Since {ago(one.createdAt)}
                {one.address && `, from ${one.address}`}
              </div>
            </div>
            {!one.isThis && (
              <button type="button" class="button small" onClick={() => attempt(() => accountApi.endSignIn(one.id))}>
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <div>
        <button type="button" class="button danger" onClick={() => attempt(leaveEverywhere)}>
          Sign out everywhere
        </button>
      </div>
    </section>
  )
}

/** Enough to tell two of one's own apart. */
function browserOf(userAgent: string | null): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent ?? '')?.[1]
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent ?? '')?.[1]
  if (!browser) return 'A program'
  return `${{ Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser}${system ? ` on ${system}` : ''}`
}
