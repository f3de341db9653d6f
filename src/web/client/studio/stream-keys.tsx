import { useState } from 'preact/hooks'
import { api, type NewStreamKey } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import type { StreamKeyView } from '../api/views.ts'
import { Confirm, CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'

type Asked = { what: 'rotate' | 'revoke'; key: StreamKeyView }

export function StreamKeys({ channelId }: { channelId: string }) {
  const { value, error, reload } = useLoaded(`keys of ${channelId}`, () => api.streamKeys(channelId))
  const [made, setMade] = useState<NewStreamKey | null>(null)
  const [asked, setAsked] = useState<Asked | null>(null)

  async function carryOut({ what, key }: Asked) {
    try {
      if (what === 'rotate') setMade(await api.rotateStreamKey(channelId, key.id))
      else {
        await api.revokeStreamKey(channelId, key.id)
        if (made?.id === key.id) setMade(null)
        toast(`“${key.label}” is revoked`)
      }
      reload()
    } catch (problem) {
      toast(asApiError(problem).message)
    }
  }

  return (
    <section class="card padded stack" aria-labelledby="keys">
      <h2 id="keys">Stream keys</h2>
      {made && (
        <div class="notice stack tight">
          <CopyField label={`Stream key “${made.label}”`} value={made.streamKey} secret />
          <p class="fine">Copy it now: it is shown only this once. Whoever has it can broadcast on your channel.</p>
        </div>
      )}
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value && value.streamKeys.length > 0 && (
        <ul class="keys">
          {value.streamKeys.map((key) => (
            <li key={key.id}>
              <div class="words">
                <div>{key.label}</div>
                <div class="fine">
                  Created {ago(key.createdAt)}
                  {key.lastUsedAt ? `, last used ${ago(key.lastUsedAt)}` : ', never used'}
                </div>
              </div>
              <div class="row">
                <button
                  type="button"
                  class="button small"
                  aria-label={`Rotate ${key.label}`}
                  onClick={() => setAsked({ what: 'rotate', key })}
                >
                  Rotate
                </button>
                <button
                  type="button"
                  class="button small danger"
                  aria-label={`Revoke ${key.label}`}
                  onClick={() => setAsked({ what: 'revoke', key })}
                >
                  Revoke
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {value && (
        <NewKey
          channelId={channelId}
          isFirst={value.streamKeys.length === 0}
          onMade={(key) => {
            setMade(key)
            reload()
          }}
        />
      )}
      {asked && <Ask asked={asked} onConfirm={() => carryOut(asked)} onClose={() => setAsked(null)} />}
    </section>
  )
}

function NewKey(props: { channelId: string; isFirst: boolean; onMade(key: NewStreamKey): void }) {
  const [round, setRound] = useState(0)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ label = '' }) => {
    props.onMade(await api.createStreamKey(props.channelId, label.trim()))
    setRound((before) => before + 1)
  })
  return (
    <form class="stack" onSubmit={onSubmit} key={round}>
      {props.isFirst && <p class="soft">A stream key lets an encoder broadcast here. Make one for each device.</p>}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label="Label for a new key"
        name="label"
        value={props.isFirst ? 'OBS' : ''}
        wrong={wrongFields.label}
        required
        maxLength={60}
      />
      <div>
        <button type="submit" class={`button${props.isFirst ? ' primary' : ''}`} disabled={isBusy}>
          Create stream key
        </button>
      </div>
    </form>
  )
}

function Ask({ asked, onConfirm, onClose }: { asked: Asked; onConfirm(): Promise<void>; onClose(): void }) {
  const { what, key } = asked
  return what === 'rotate' ? (
    <Confirm title={`Rotate “${key.label}”?`} action="Rotate the key" onConfirm={onConfirm} onClose={onClose}>
      <p>The old key stops working at once, also for a stream that is running. You are shown the new one.</p>
    </Confirm>
  ) : (
    <Confirm
      title={`Revoke “${key.label}”?`}
      action="Revoke the key"
      isDangerous
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>It stops working at once. A stream that uses it is cut off within a second.</p>
    </Confirm>
  )
}
