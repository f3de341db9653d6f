import { useState } from 'preact/hooks'
import { me, refreshMe } from '../api/me.ts'
import { navigate, place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi } from './account-api.ts'
import { LookInTheMail } from './look-in-the-mail.tsx'
import { useSecondStep } from './second-step.tsx'

const token = () => place.value.search.get('token') ?? ''

/** A mail program may fetch a link to look at it, so nothing happens before the person presses. */
export function Verify() {
  usePageTitle('Confirm your address')
  const { secondStep, goOn } = useSecondStep()
  const { onSubmit, wrong, isBusy } = useSubmit(async () => goOn(await accountApi.verify(token())))
  if (secondStep) return secondStep
  if (token() === '') return <Ask title="Confirm your address" what="confirm this address" send={accountApi.resend} />
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Confirm your address</h1>
      {wrong && (
        <Notice isBad>
          {wrong} <a href="/verify">Send a new one</a>
        </Notice>
      )}
      <p class="soft">You are signed in with it.</p>
      <button type="submit" class="button primary" disabled={isBusy}>
        Confirm and sign in
      </button>
    </form>
  )
}

export function NewAddress() {
  usePageTitle('Confirm your new address')
  const { onSubmit, wrong, isBusy } = useSubmit(async () => {
    await accountApi.takeNewAddress(token())
    toast('This is your address from now on')
    await refreshMe()
    navigate(me.value ? '/account' : '/sign-in', { replace: true })
  })
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Confirm your new address</h1>
      {wrong && (
        <Notice isBad>
          {wrong} <a href="/account">Ask for a new link</a>
        </Notice>
      )}
      <p class="soft">From then on you sign in with it, and our mails go there.</p>
      <button type="submit" class="button primary" disabled={isBusy || token() === ''}>
        Confirm
      </button>
    </form>
  )
}

export function SignInLink() {
  usePageTitle('Sign in by mail')
  const { secondStep, goOn } = useSecondStep()
  const { onSubmit, wrong, isBusy } = useSubmit(async () => goOn(await accountApi.takeLink(token())))
  if (secondStep) return secondStep
  if (token() === '') return <Ask title="Sign in by mail" what="sign in" send={accountApi.sendLink} />
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>Sign in</h1>
      {wrong && (
        <Notice isBad>
          {wrong} <a href="/sign-in/link">Send a new one</a>
        </Notice>
      )}
      <button type="submit" class="button primary" disabled={isBusy}>
        Sign in
      </button>
    </form>
  )
}

export function Reset() {
  usePageTitle('New password')
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ password = '' }) => {
    await accountApi.reset(token(), password)
    toast('Your new password is set: sign in with it')
    navigate('/sign-in', { replace: true })
  })
  if (token() === '') return <Ask title="New password" what="choose a new password" send={accountApi.sendReset} />
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>New password</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label="New password"
        name="password"
        type="password"
        wrong={wrongFields.password}
        autocomplete="new-password"
        required
        minLength={8}
        maxLength={128}
        autofocus
        hint="At least 8 characters. You are signed out everywhere."
      />
      <button type="submit" class="button primary" disabled={isBusy}>
        Set password
      </button>
    </form>
  )
}

function Ask(props: { title: string; what: string; send(email: string): Promise<unknown> }) {
  const [sentTo, setSentTo] = useState<string | null>(null)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ email = '' }) => {
    await props.send(email)
    setSentTo(email)
  })
  if (sentTo !== null) return <LookInTheMail to={sentTo} what={props.what} />
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <h1>{props.title}</h1>
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
      <button type="submit" class="button primary" disabled={isBusy}>
        Send me a link
      </button>
    </form>
  )
}
