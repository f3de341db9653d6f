import { useState } from 'preact/hooks'
import { LookInTheMail } from '../account/look-in-the-mail.tsx'
import { OtherWays } from '../account/other-ways.tsx'
import { useSecondStep } from '../account/second-step.tsx'
import { api } from '../api/client.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

/** Why somebody came back from elsewhere without being signed in. */
const REFUSED: Record<string, string> = {
  second_factor_needed: 'Your account has a second factor: sign in with your password.',
  account_not_active: 'This account is not active.',
  signup_disabled: 'There is no account with that address here, and new ones are not open.',
  account_not_linked: 'There is an account with that address here: sign in with its password.',
  other: 'That did not work. Try again, or another way.',
}

export function SignIn() {
  usePageTitle('Sign in')
  const { value: node } = useLoaded('node', api.node)
  const { secondStep, goOn } = useSecondStep()
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ email = '', password = '' }) => {
    await goOn(await api.signIn(email, password))
  })
  const cameBackWith = place.value.search.get('error')
  if (secondStep) return secondStep
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Sign in</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      {!wrong && cameBackWith && <Notice isBad>{REFUSED[cameBackWith] ?? REFUSED.other}</Notice>}
      <Field
        label="E-mail"
        name="email"
        wrong={wrongFields.email}
        type="email"
        autocomplete="email"
        required
        autofocus
      />
      <Field
        label="Password"
        name="password"
        wrong={wrongFields.password}
        type="password"
        autocomplete="current-password"
        required
      />
      <button type="submit" class="button primary" disabled={isBusy}>
        Sign in
      </button>
      <OtherWays goOn={goOn} />
      {node?.signUp === 'open' && (
        <p class="fine">
          No account yet? <a href="/register">Register</a>
        </p>
      )}
    </form>
  )
}

export function Register() {
  usePageTitle('Register')
  const { value: node } = useLoaded('node', api.node)
  const [sentTo, setSentTo] = useState<string | null>(null)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ name = '', email = '', password = '' }) => {
    await api.register(name.trim(), email, password, place.value.search.get('invitation'))
    setSentTo(email)
  })
  if (sentTo !== null) return <LookInTheMail to={sentTo} what="confirm this address" />
  const isInvited = place.value.search.has('invitation')
  if (node?.signUp === 'closed' || (node?.signUp === 'invitation' && !isInvited)) {
    return (
      <div class="narrow stack">
        <h1>Register</h1>
        <Notice>New accounts are not open to everybody here. Ask whoever runs this node for an invitation.</Notice>
      </div>
    )
  }
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Register</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field label="Name" name="name" wrong={wrongFields.name} autocomplete="name" required maxLength={80} autofocus />
      <Field label="E-mail" name="email" wrong={wrongFields.email} type="email" autocomplete="email" required />
      <Field
        label="Password"
        name="password"
        wrong={wrongFields.password}
        type="password"
        autocomplete="new-password"
        required
        minLength={8}
        hint="At least 8 characters, and none of the common ones."
      />
      <button type="submit" class="button primary" disabled={isBusy}>
        Register
      </button>
      <p class="fine">
        Have an account? <a href="/sign-in">Sign in</a>
      </p>
    </form>
  )
}
