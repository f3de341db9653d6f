import { useState } from 'preact/hooks'
import { useLoaded } from '../api/use-loaded.ts'
import { chatApi } from '../chat/api.ts'
import type { ChatSettings } from '../chat/views.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

const WHO = {
  everyone: 'Everyone signed in',
  verified: 'Confirmed accounts',
  followers: 'Followers',
  members: 'Members',
} as const
const SLOW = [0, 3, 10, 30, 60, 300]

const linesOf = (text = '') =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

export function ChatSettingsForm({ channelId }: { channelId: string }) {
  const { value, error } = useLoaded(`chat settings ${channelId}`, () => chatApi.settings(channelId))
  if (error) return <Notice isBad>{error.message}</Notice>
  return value && <Form channelId={channelId} settings={value.settings} onOffer={value.writersOnOffer} />
}

function Form(props: { channelId: string; settings: ChatSettings; onOffer: ChatSettings['writers'][] }) {
  const { settings, onOffer, channelId } = props
  const [writers, setWriters] = useState(settings.writers)
  const form = useSubmit(async (fields) => {
    await chatApi.changeSettings(channelId, {
      isOpen: 'isOpen' in fields,
      writers,
      ...(writers === 'followers' ? { followedMinutes: Number(fields.followedMinutes) } : {}),
      ...(writers === 'members' ? { memberTier: Number(fields.memberTier) } : {}),
      slowSeconds: Number(fields.slowSeconds),
      areLinksAllowed: 'areLinksAllowed' in fields,
      holdsAll: 'holdsAll' in fields,
      holdsFirst: 'holdsFirst' in fields,
      tellsShows: 'tellsShows' in fields,
      tellsPolls: 'tellsPolls' in fields,
      tellsMembers: 'tellsMembers' in fields,
      heldWords: linesOf(fields.heldWords),
      refusedWords: linesOf(fields.refusedWords),
    })
    toast('Saved.')
  })
  return (
    <form class="card padded stack" onSubmit={form.onSubmit} aria-labelledby="chat-settings">
      <h2 id="chat-settings">Rules</h2>
      {form.wrong && <Notice isBad>{form.wrong}</Notice>}
      <Check name="isOpen" words="The chat is open" isOn={settings.isOpen} />
      <div class="field">
        <label for="chat-writers">Who may write</label>
        <select
          id="chat-writers"
          class="input"
          value={writers}
          onChange={(event) => setWriters(onOffer.find((one) => one === event.currentTarget.value) ?? 'everyone')}
        >
          {onOffer.map((one) => (
            <option key={one} value={one}>
              {WHO[one]}
            </option>
          ))}
        </select>
      </div>
      {writers === 'followers' && (
        <NumberField
          name="followedMinutes"
          label="Following for minutes"
          value={settings.followedMinutes}
          max={129_600}
        />
      )}
      {writers === 'members' && <NumberField name="memberTier" label="From tier" value={settings.memberTier} max={3} />}
      <div class="field">
        <label for="chat-slow">Slow mode</label>
        <select id="chat-slow" class="input" name="slowSeconds" defaultValue={String(settings.slowSeconds)}>
          {[...new Set([...SLOW, settings.slowSeconds])].map((seconds) => (
            <option key={seconds} value={seconds} selected={seconds === settings.slowSeconds}>
              {seconds === 0 ? 'Off' : `One message in ${seconds} s`}
            </option>
          ))}
        </select>
      </div>
      <Check name="areLinksAllowed" words="Links are allowed" isOn={settings.areLinksAllowed} />
      <Check name="holdsAll" words="Look at every message first" isOn={settings.holdsAll} />
      <Check name="holdsFirst" words="Look at everybody’s first message" isOn={settings.holdsFirst} />
      <Check
        name="tellsShows"
        words="Say when a show begins, pauses, ends or opens to others"
        isOn={settings.tellsShows}
      />
      <Check name="tellsPolls" words="Say how polls ended" isOn={settings.tellsPolls} />
      <Check name="tellsMembers" words="Say who became a member" isOn={settings.tellsMembers} />
      <Words name="heldWords" label="Words to look at first" words={settings.heldWords} />
      <Words name="refusedWords" label="Words to refuse" words={settings.refusedWords} />
      <button type="submit" class="button primary" disabled={form.isBusy}>
        Save the rules
      </button>
    </form>
  )
}

function Check({ name, words, isOn }: { name: string; words: string; isOn: boolean }) {
  return (
    <label class="row">
      <input type="checkbox" name={name} defaultChecked={isOn} /> {words}
    </label>
  )
}

function NumberField(props: { name: string; label: string; value: number; max: number }) {
  const id = `chat-${props.name}`
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        type="number"
        name={props.name}
        min={0}
        max={props.max}
        defaultValue={String(props.value)}
      />
    </div>
  )
}

function Words({ name, label, words }: { name: string; label: string; words: string[] }) {
  const id = `chat-${name}`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} class="input" name={name} rows={3} defaultValue={words.join('\n')} />
      <p class="hint">One a line; * stands for anything.</p>
    </div>
  )
}
