import { Security } from '../account/security.tsx'
import { api } from '../api/client.ts'
import { mayBroadcast, me, useMe } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import type { UserView } from '../api/views.ts'
import { NoticeChoices } from '../notices/choices.tsx'
import { turnPushOff } from '../notices/push.ts'
import { navigate } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Field, Notice, toast } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'

const ROLES: Record<UserView['role'], string> = {
  viewer: 'Viewer',
  creator: 'Creator',
  moderator: 'Moderator',
  admin: 'Admin',
}

export function Account() {
  usePageTitle('Account')
  const user = useMe()
  if (!user) return null
  return (
    <div class="account stack">
      <h1>Account</h1>
      <WhoIAm user={user} />
      <OwnChannels user={user} />
      <Bought />
      <NoticeChoices />
      <Devices />
      <Security />
      <SignOut />
    </div>
  )
}

function Bought() {
  return (
    <section class="card padded row apart" aria-labelledby="bought">
      <h2 id="bought">Purchases and memberships</h2>
      <a class="button small" href="/purchases">
        What I bought
      </a>
    </section>
  )
}

function WhoIAm({ user }: { user: UserView }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ name = '' }) => {
    me.value = (await api.rename(name.trim())).user
    toast('Name saved')
  })
  return (
    <section class="card padded stack" aria-labelledby="who">
      <h2 id="who">You</h2>
      <dl class="facts">
        <dt>E-mail</dt>
        <dd>{user.email}</dd>
        <dt>Role</dt>
        <dd>{ROLES[user.role]}</dd>
      </dl>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <form class="stack" onSubmit={onSubmit}>
        <Field
          label="Name"
          name="name"
          value={user.name}
          wrong={wrongFields.name}
          autocomplete="name"
          required
          maxLength={80}
        />
        <div>
          <button type="submit" class="button" disabled={isBusy}>
            Save name
          </button>
        </div>
      </form>
    </section>
  )
}

function OwnChannels({ user }: { user: UserView }) {
  const { value, error } = useLoaded(`channels of ${user.id}`, () => api.myChannels())
  return (
    <section class="card padded stack" aria-labelledby="mine">
      <h2 id="mine">Your channels</h2>
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value?.channels.length === 0 && <NoChannel user={user} />}
      {value && value.channels.length > 0 && (
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
      )}
    </section>
  )
}

function NoChannel({ user }: { user: UserView }) {
  return mayBroadcast(user) ? (
    <p class="soft">
      You have no channel yet. <a href="/studio">Open one in the studio</a>.
    </p>
  ) : (
    <p class="soft">Channels are for creators. Ask whoever runs this node to make you one.</p>
  )
}

/** What the account is watching on: it may do so on so many devices at once. */
function Devices() {
  const { value, error, reload } = useLoaded('devices', () => api.devices())
  async function end(work: Promise<null>) {
    try {
      await work
      reload()
    } catch (wrong) {
      toast(asApiError(wrong).message)
    }
  }
  return (
    <section class="card padded stack" aria-labelledby="devices">
      <h2 id="devices">Watching now</h2>
      {error && <Notice isBad>{error.message}</Notice>}
      {value?.devices.length === 0 && <p class="soft">This account is watching nowhere just now.</p>}
      {value?.devices.map(({ id, isThis, since }) => (
        <div class="row apart" key={id}>
          <span>
            {isThis ? 'This browser' : 'Another device'} <span class="soft">since {ago(since)}</span>
          </span>
          {!isThis && (
            <button type="button" class="button small" onClick={() => end(api.endDevice(id))}>
              End
            </button>
          )}
        </div>
      ))}
      {value && value.devices.filter(({ isThis }) => !isThis).length > 1 && (
        <div>
          <button type="button" class="button" onClick={() => end(api.endOtherDevices())}>
            End all others
          </button>
        </div>
      )}
    </section>
  )
}

function SignOut() {
  async function leave() {
    try {
      // What is pushed here from now on would be for somebody else.
      await turnPushOff().catch(() => undefined)
      await api.signOut()
      navigate('/')
      me.value = null
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <div>
      <button type="button" class="button danger" onClick={leave}>
        Sign out
      </button>
    </div>
  )
}
