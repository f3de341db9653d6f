import { useEffect } from 'preact/hooks'
import { api } from '../api/client.ts'
import { mayBroadcast, useMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { UserView } from '../api/views.ts'
import { navigate } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { useSubmit } from '../ui/use-submit.ts'

export function Studio() {
  usePageTitle('Studio')
  const user = useMe()
  return user ? <MyChannels user={user} /> : null
}

function MyChannels({ user }: { user: UserView }) {
  const { value, error } = useLoaded(`channels of ${user.id}`, () => api.myChannels())
  const only = value?.channels.length === 1 ? value.channels[0] : null
  useEffect(() => {
    if (only) navigate(`/studio/${only.slug}`, { replace: true })
  }, [only])

  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value || only) return null
  if (value.channels.length === 0) return mayBroadcast(user) ? <FirstChannel /> : <NotYetCreator />
  return (
    <div class="stack wide">
      <h1>Your channels</h1>
      <ul class="offline-list">
        {value.channels.map((channel) => (
          <li key={channel.id}>
            <a href={`/studio/${channel.slug}`}>
              <span class="monogram" aria-hidden="true">
                {channel.name.slice(0, 1).toUpperCase()}
              </span>
              <strong>{channel.name}</strong>
              <SessionBadge session={channel.live} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}

function NotYetCreator() {
  return (
    <div class="narrow stack">
      <h1>Studio</h1>
      <p class="soft">Broadcasting here is for creators. Ask whoever runs this node to make you one.</p>
    </div>
  )
}

function FirstChannel() {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ name = '' }) => {
    const channel = await api.createChannel({ name: name.trim() })
    navigate(`/studio/${channel.slug}`, { replace: true })
  })
  return (
    <form class="narrow card padded stack" onSubmit={onSubmit}>
      <div class="stack tight">
        <h1>Open a channel</h1>
        <p class="soft">A channel is where your shows are watched. Give it a name; it can be changed.</p>
      </div>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field label="Channel name" name="name" wrong={wrongFields.name} required maxLength={80} autofocus />
      <button type="submit" class="button primary" disabled={isBusy}>
        Open the channel
      </button>
    </form>
  )
}
