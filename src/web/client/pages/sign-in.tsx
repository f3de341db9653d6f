import { useState } from 'preact/hooks'
import { LookInTheMail } from '../account/look-in-the-mail.tsx'
import { api } from '../api/client.ts'
import { mayBroadcast, me, refreshMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { navigate, place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

/** Only a path of our own may follow a sign-in. */
function whereTo(): string {
  const next = place.value.search.get('next') ?? ''
  if (/^\/(?![/\\])/.test(next)) return next
  return mayBroadcast(me.value) ? '/studio' : '/'
}

export function SignIn() {
  usePageTitle('Sign in')
  const { value: node } = useLoaded('node', api.node)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ email = '', password = '' }) => {
    await api.signIn(email, password)
    await refreshMe()
    navigate(whereTo(), { replace: true })
  })
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Sign in</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
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
  if (node?.signUp === 'closed') {
    return (
      <div class="narrow stack">
        <h1>Register</h1>
        <Notice>This node takes no new accounts. Ask whoever runs it.</Notice>
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
