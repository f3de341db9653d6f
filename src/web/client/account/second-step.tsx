import { useState } from 'preact/hooks'
import type { Begun } from '../api/client.ts'
import { refreshMe } from '../api/me.ts'
import { navigate } from '../router.ts'
import { Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi } from './account-api.ts'
import { whereTo } from './where-to.ts'

/** After any first step: on to where the person wanted to be, or first the second one. */
export function useSecondStep() {
  const [isWanted, want] = useState(false)
  async function goOn(begun: Begun) {
    if ('secondFactor' in begun) return want(true)
    await refreshMe()
    navigate(whereTo(), { replace: true })
  }
  return { secondStep: isWanted ? <SecondStep /> : null, goOn }
}

function SecondStep() {
  const [kind, setKind] = useState<'totp' | 'backup'>('totp')
  const { onSubmit, wrong, isBusy } = useSubmit(async ({ code = '' }) => {
    await accountApi.secondFactor(code.trim(), kind)
    await refreshMe()
    navigate(whereTo(), { replace: true })
  })
  const isTotp = kind === 'totp'
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit} key={kind}>
      <h1>One more step</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label={isTotp ? 'Code of your authenticator app' : 'Backup code'}
        name="code"
        autocomplete="one-time-code"
        required
        maxLength={20}
        autofocus
      />
      <button type="submit" class="button primary" disabled={isBusy}>
        Sign in
      </button>
      <button type="button" class="button quiet" onClick={() => setKind(isTotp ? 'backup' : 'totp')}>
        {isTotp ? 'Use a backup code' : 'Use the app'}
      </button>
    </form>
  )
}
