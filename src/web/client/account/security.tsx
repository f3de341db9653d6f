import { mayBroadcast, me, refreshMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi, type SecurityView } from './account-api.ts'
import { Address } from './address.tsx'
import { ApiKeys } from './api-keys.tsx'
import { Elsewhere } from './elsewhere.tsx'
import { Leaving } from './leaving.tsx'
import { Passkeys } from './passkeys.tsx'
import { Password } from './password.tsx'
import { SecondFactor } from './second-factor.tsx'
import { SignIns } from './sign-ins.tsx'

/** The part of the account page that guards it. */
export function Security() {
  const { value, error, reload } = useLoaded('security', accountApi.security)
  return (
    <>
      {me.value?.role === 'admin' && (
        <p>
          You are an admin: <a href="/operator">this node</a>, <a href="/operator/people">people</a>,{' '}
          <a href="/operator/audit">audit log</a>, <a href="/operator/mail">mail</a>.
        </p>
      )}
      {error && <Notice isBad>{error.message}</Notice>}
      {value && (
        <>
          {!mayBroadcast(me.value) && <BecomeCreator security={value} onChange={reload} />}
          <Address security={value} />
          <Password email={me.value?.email ?? ''} hasPassword={value.hasPassword} />
          <SecondFactor isOn={value.hasSecondFactor} onChange={reload} />
          <Passkeys passkeys={value.passkeys} onChange={reload} />
          <Elsewhere links={value.elsewhere} onChange={reload} />
        </>
      )}
      <SignIns />
      <ApiKeys />
      <Leaving />
    </>
  )
}

function BecomeCreator({ security, onChange }: { security: SecurityView; onChange(): void }) {
  const { onSubmit, wrong, isBusy } = useSubmit(async ({ invitation = '' }) => {
    const { state } = await accountApi.askToCreate(invitation.trim())
    toast(state === 'creator' ? 'You may open a channel now' : 'An admin of this node decides')
    await refreshMe()
    onChange()
  })
  if (me.value?.role !== 'viewer') return null
  return (
    <section class="card padded stack" aria-labelledby="creator">
      <h2 id="creator">Broadcast yourself</h2>
      {security.hasAskedToCreate ? (
        <p class="soft">You asked to become a creator. An admin of this node decides.</p>
      ) : (
        <form class="stack" onSubmit={onSubmit}>
          {wrong && <Notice isBad>{wrong}</Notice>}
          {security.creators === 'invitation' && (
            <Field label="Invitation" name="invitation" required maxLength={100} />
          )}
          <div>
            <button type="submit" class="button" disabled={isBusy}>
              {security.creators === 'approval' ? 'Ask to become a creator' : 'Become a creator'}
            </button>
          </div>
        </form>
      )}
    </section>
  )
}
