import { useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { chatApi } from '../chat/api.ts'
import type { ChatGoal } from '../chat/views.ts'
import { kindOf, typedAmount } from '../money/amounts.ts'
import { Confirm, CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

const PARTS = ['chat', 'alerts', 'poll', 'goal'] as const
const WORDS = { chat: 'Chat', alerts: 'Alerts', poll: 'Poll', goal: 'Goal' }

/** The address of the overlay for OBS, what it shows, and the goal it shows the way to. */
export function ChatOverlay({ channelId }: { channelId: string }) {
  const [path, setPath] = useState<string | null>(null)
  const [shown, setShown] = useState<readonly string[]>(PARTS)
  const [isAsking, setAsking] = useState(false)
  async function renew() {
    try {
      setPath((await chatApi.renewOverlay(channelId)).path)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  const hidden = PARTS.filter((part) => !shown.includes(part)).map((part) => `${part}=0`)
  const query = hidden.length > 0 ? `?${hidden.join('&')}` : ''
  return (
    <section class="card padded stack" aria-labelledby="chat-overlay">
      <h2 id="chat-overlay">Overlay for OBS</h2>
      {path && (
        <>
          <fieldset class="row">
            <legend class="visually-hidden">What it shows</legend>
            {PARTS.map((part) => (
              <label class="row" key={part}>
                <input
                  type="checkbox"
                  checked={shown.includes(part)}
                  onChange={({ currentTarget }) =>
                    setShown(currentTarget.checked ? [...shown, part] : shown.filter((one) => one !== part))
                  }
                />{' '}
                {WORDS[part]}
              </label>
            ))}
          </fieldset>
          <CopyField label="Browser source" value={location.origin + path + query} hint="Shown this once." secret />
        </>
      )}
      <button type="button" class="button" onClick={() => (path ? setAsking(true) : renew())}>
        Make a new address
      </button>
      <p class="fine">The address before it stops working.</p>
      <Goal channelId={channelId} />
      {isAsking && (
        <Confirm title="Make a new address?" action="Make it" onConfirm={renew} onClose={() => setAsking(false)}>
          Whatever shows the one before it goes blank.
        </Confirm>
      )}
    </section>
  )
}

function Goal({ channelId }: { channelId: string }) {
  const { value, reload } = useLoaded(`chat goal ${channelId}`, () => chatApi.settings(channelId))
  const goal = value?.settings.goal ?? null
  async function set(wanted: ChatGoal | null) {
    await chatApi.changeSettings(channelId, { goal: wanted })
    reload()
  }
  const form = useSubmit(async ({ title = '', target = '', what = '', currency = '' }) => {
    const money = what === 'paid' ? kindOf(currency) : null
    if (what === 'paid' && !money) throw new ApiError(0, 'no_currency', 'That is no currency.')
    const reach = money ? typedAmount(target, money) : Number(target)
    if (!reach || !Number.isInteger(reach)) throw new ApiError(0, 'no_target', 'That is nothing to count to.')
    const kind = money ? ('paid' as const) : ('followers' as const)
    const since = new Date().toISOString()
    await set({ what: kind, title: title.trim(), target: reach, currency: money?.currency ?? 'EUR', since })
  })
  if (goal) {
    return (
      <div class="row apart">
        <span>
          Goal: <b>{goal.title}</b>
        </span>
        <button type="button" class="button small" onClick={() => set(null).catch((e) => toast(asApiError(e).message))}>
          No goal any more
        </button>
      </div>
    )
  }
  return (
    <form class="stack" onSubmit={form.onSubmit}>
      {form.wrong && <Notice isBad>{form.wrong}</Notice>}
      <Field label="Goal" name="title" required maxLength={60} hint="As the overlay calls it." />
      <div class="field">
        <label for="chat-goal">What counts</label>
        <select id="chat-goal" class="input" name="what">
          <option value="followers">Followers</option>
          <option value="paid">Paid messages from now on</option>
        </select>
      </div>
      <Field label="To reach" name="target" required hint="A number of followers, or a sum: 250.00." />
      <Field label="Currency" name="currency" value="EUR" maxLength={3} hint="Of a sum." />
      <button type="submit" class="button" disabled={form.isBusy}>
        Set the goal
      </button>
    </form>
  )
}
