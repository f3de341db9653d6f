import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { type ChoiceView, noticesApi } from './notices-api.ts'
import { isPushOn, turnPushOff, turnPushOn, whyNoPush } from './push.ts'

const KINDS: Record<ChoiceView['kind'], string> = {
  live: 'A channel I follow is live',
  soon: 'A show begins soon',
  changed: 'A show moves or is off',
  chat: 'Somebody answers me in a chat',
  money: 'My memberships',
}
const WAYS = { app: 'Here', mail: 'Mail', push: 'Push' } as const

/** Of what this account is told, and by which ways. */
export function NoticeChoices() {
  const { value, error, replace } = useLoaded('notice choices', noticesApi.choices)
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-field" />

  async function choose(choice: ChoiceView, way: keyof typeof WAYS, isOn: boolean) {
    if (!value) return
    const before = value
    const changed = { ...choice, [way]: isOn }
    replace({ ...before, choices: before.choices.map((one) => (one.kind === choice.kind ? changed : one)) })
    try {
      await noticesApi.choose(choice.kind, { [way]: isOn })
    } catch (wrong) {
      replace(before)
      toast(asApiError(wrong).message)
    }
  }

  return (
    <section class="card padded stack" aria-labelledby="notice-choices">
      <h2 id="notice-choices">Notices</h2>
      <table class="notice-choices">
        <thead>
          <tr>
            <th scope="col">Tell me when</th>
            {Object.values(WAYS).map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {value.choices.map((choice) => (
            <tr key={choice.kind}>
              <th scope="row">{KINDS[choice.kind]}</th>
              {(Object.keys(WAYS) as (keyof typeof WAYS)[]).map((way) => (
                <td key={way}>
                  <label>
                    <input
                      type="checkbox"
                      checked={choice[way]}
                      aria-label={`${KINDS[choice.kind]}: ${WAYS[way]}`}
                      onChange={(event) => choose(choice, way, event.currentTarget.checked)}
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <PushHere pushKey={value.pushKey} />
    </section>
  )
}

/** Whether this browser takes pushes, also while the page is closed. */
function PushHere({ pushKey }: { pushKey: string }) {
  const [isOn, setOn] = useState(isPushOn)
  const [isBusy, setBusy] = useState(false)
  const why = whyNoPush()
  if (why) return <p class="fine">{why}</p>
  async function press() {
    setBusy(true)
    try {
      await (isOn ? turnPushOff() : turnPushOn(pushKey))
      setOn(!isOn)
    } catch (wrong) {
      toast(wrong instanceof Error ? wrong.message : 'This browser does not take pushes.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <div>
      <button type="button" class="button" aria-pressed={isOn} disabled={isBusy} onClick={press}>
        {isOn ? 'No more pushes in this browser' : 'Take pushes in this browser'}
      </button>
    </div>
  )
}
