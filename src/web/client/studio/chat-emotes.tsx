import { useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import { chatApi } from '../chat/api.ts'
import type { Emote } from '../chat/views.ts'
import { Confirm, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

/** As the server takes them; it says so as well. */
const MOST_BYTES = 64 * 1024

/** The channel's own pictures for use in messages. */
export function ChatEmotes({ channelId, emotes }: { channelId: string; emotes: readonly Emote[] }) {
  const [file, setFile] = useState<File | null>(null)
  const [round, setRound] = useState(0)
  const [leaving, setLeaving] = useState<string | null>(null)
  const form = useSubmit(async ({ name = '' }) => {
    if (!file) throw new ApiError(0, 'no_file', 'Choose a picture.')
    if (file.size > MOST_BYTES) throw new ApiError(0, 'too_large', 'A picture has at most 64 KB.')
    await chatApi.addEmote(channelId, name.trim(), file)
    setFile(null)
    setRound(round + 1)
  })
  async function remove(name: string) {
    try {
      await chatApi.removeEmote(channelId, name)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <section class="card padded stack" aria-labelledby="chat-emotes">
      <h2 id="chat-emotes">Pictures</h2>
      {emotes.length === 0 && <p class="soft">None of your own yet; everybody has the built-in ones.</p>}
      <ul class="keys">
        {emotes.map(({ name, url }) => (
          <li key={name}>
            <span class="words">
              <img class="chat-emote" src={url} alt="" /> :{name}:
            </span>
            <button type="button" class="button small" onClick={() => setLeaving(name)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <form class="stack" onSubmit={form.onSubmit} key={round}>
        {form.wrong && <Notice isBad>{form.wrong}</Notice>}
        <Field
          label="Name"
          name="name"
          required
          minLength={2}
          maxLength={20}
          hint="Small letters and digits; written :name: in a message."
        />
        <div class="field">
          <label for="chat-emote-file">Picture</label>
          <input
            id="chat-emote-file"
            class="input"
            type="file"
            accept="image/png,image/jpeg,image/webp"
            required
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
          <p class="hint">PNG, JPEG or WebP, at most 64 KB.</p>
        </div>
        <button type="submit" class="button" disabled={form.isBusy}>
          Add the picture
        </button>
      </form>
      {leaving && (
        <Confirm
          title={`Remove :${leaving}:?`}
          action="Remove"
          isDangerous
          onConfirm={() => remove(leaving)}
          onClose={() => setLeaving(null)}
        >
          Messages that use it show its name instead.
        </Confirm>
      )}
    </section>
  )
}
