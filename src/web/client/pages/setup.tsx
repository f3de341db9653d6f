import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { refreshMe } from '../api/me.ts'
import { navigate, place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

/** The owner link from the node's log leads here, once. */
export function Setup() {
  usePageTitle('Set up')
  const [token] = useState(() => place.value.search.get('token') ?? '')
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(
    async ({ channelName = '', email = '', password = '' }) => {
      // Three fields are enough to begin: who owns the first channel is called as it is.
      const name = channelName.trim()
      const { channel } = await api.setup({ token, email, password, name, channelName: name })
      await refreshMe()
      navigate(`/studio/${channel.slug}`, { replace: true })
    },
  )
  if (token === '') {
    return (
      <div class="narrow stack">
        <h1>Set up</h1>
        <Notice>
          This page is opened by the owner link, which this node writes into its log when it first starts.
        </Notice>
      </div>
    )
  }
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <div class="stack tight">
        <h1>Welcome to your node</h1>
        <p class="soft">Make the owner’s account and the first channel. This link works once.</p>
      </div>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label="Channel name"
        name="channelName"
        wrong={wrongFields.channelName ?? wrongFields.name}
        required
        maxLength={80}
        autofocus
        hint="What viewers see; can be changed."
      />
      <Field label="E-mail" name="email" wrong={wrongFields.email} type="email" autocomplete="email" required />
      <Field
        label="Password"
        name="password"
        wrong={wrongFields.password}
        type="password"
        autocomplete="new-password"
        required
        minLength={8}
        hint="At least 8 characters."
      />
      <button type="submit" class="button primary" disabled={isBusy}>
        Create
      </button>
    </form>
  )
}
