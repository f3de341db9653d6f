import { useEffect, useMemo, useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { AudienceFields, audienceIn } from '../studio/audience-fields.tsx'
import { ChoosePicture } from '../ui/choose-picture.tsx'
import { Choices, Field, Notice, TextField } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import type { Repeat, ShowFields, ShowView, Which } from './programme-api.ts'
import { RepeatField, repeatIn } from './repeat-field.tsx'
import { clockAt, ownZone } from './times.ts'

const WHICH = [
  { value: 'this', label: 'This show', hint: 'The others stay as they are.' },
  { value: 'following', label: 'This and all that follow', hint: 'Words, hour and who may watch.' },
] as const

const MOST_BYTES = 8 * 1024 * 1024

/** What becomes of a show's picture: another one, none, or what it is. */
export type PictureWish = File | 'none' | null

interface ShowFormProps {
  /** The one that is changed; null for a new one. */
  show: ShowView | null
  action: string
  onSend(fields: ShowFields, more: { repeat: Repeat | null; which: Which; picture: PictureWish }): Promise<void>
  onClose(): void
}

/** A show as its creator plans it, in a zone of their choice. */
export function ShowForm({ show, action, onSend, onClose }: ShowFormProps) {
  const [zone] = useState(show?.timeZone ?? ownZone())
  const [startsAt] = useState(() => clockAt(show ? Date.parse(show.scheduledAt) : nextEvening(), zone))
  const [picture, setPicture] = useState<PictureWish>(null)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async (fields) => {
    if (picture instanceof File && picture.size > MOST_BYTES) {
      throw new ApiError(0, 'too_large', 'A picture has at most 8 MB.')
    }
    const { title = '', description = '', startsAt: at = '', timeZone = zone, minutes = '', which } = fields
    await onSend(
      {
        title: title.trim(),
        description: description.trim(),
        startsAt: at,
        timeZone,
        durationMinutes: Number(minutes) || null,
        ...audienceIn(fields, show?.visibility ?? 'public'),
      },
      { repeat: repeatIn(fields), which: which === 'following' ? 'following' : 'this', picture },
    )
  })
  return (
    <form class="card padded stack" onSubmit={onSubmit} aria-label={action}>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label="Title"
        name="title"
        value={show?.title ?? ''}
        wrong={wrongFields.title}
        required
        maxLength={150}
        autofocus
      />
      <div class="pair">
        <Field
          label="Begins"
          name="startsAt"
          type="datetime-local"
          value={startsAt}
          wrong={wrongFields.startsAt}
          required
        />
        <div class="field">
          <label for="time-zone">Time zone</label>
          <select class="input" id="time-zone" name="timeZone">
            {zonesWith(zone).map((name) => (
              <option value={name} key={name} selected={name === zone}>
                {name.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        </div>
        <Field
          label="Minutes"
          name="minutes"
          type="number"
          value={show?.durationMinutes ? String(show.durationMinutes) : ''}
          hint="How long it is to be; may stay empty."
          wrong={wrongFields.durationMinutes}
        />
      </div>
      {show === null && <RepeatField wrong={wrongFields['repeat.until'] ?? null} />}
      <TextField
        label="Description"
        name="description"
        value={show?.description ?? ''}
        wrong={wrongFields.description}
        maxLength={5_000}
      />
      <PictureField now={show?.pictureUrl ?? null} wish={picture} onWish={setPicture} />
      <AudienceFields of={show ?? NEW} wrongFields={wrongFields} />
      {show?.series && <Choices label="What is changed" name="which" value="this" options={WHICH} />}
      <div class="row apart">
        <button type="submit" class="button primary" disabled={isBusy}>
          {action}
        </button>
        <button type="button" class="button quiet" onClick={onClose}>
          Leave it
        </button>
      </div>
    </form>
  )
}

/** What the show is seen by until it begins. */
function PictureField(props: { now: string | null; wish: PictureWish; onWish(wish: PictureWish): void }) {
  const { now, wish, onWish } = props
  const chosen = useMemo(() => (wish instanceof File ? URL.createObjectURL(wish) : null), [wish])
  useEffect(() => () => void (chosen && URL.revokeObjectURL(chosen)), [chosen])
  const shown = chosen ?? (wish === 'none' ? null : now)
  return (
    <fieldset class="choices">
      <legend>Picture</legend>
      <p class="hint">Seen until it begins, and in link previews. JPEG, PNG or WebP, up to 8 MB.</p>
      <div class="row">
        <ChoosePicture shown={shown} alt="What the show is seen by" onChoose={onWish} />
        {shown && (
          <button type="button" class="button small quiet" onClick={() => onWish(now ? 'none' : null)}>
            Without a picture
          </button>
        )}
      </div>
    </fieldset>
  )
}

const NEW = { visibility: 'public', requiredTier: null, previewMinutes: 0 } as const

/** All there are, with the browser's own among them whatever name it has for it. */
function zonesWith(own: string): string[] {
  return [...new Set([own, ...Intl.supportedValuesOf('timeZone')])].sort()
}

/** Tomorrow at eight in the evening: a guess better than now. */
function nextEvening(): number {
  const at = new Date(Date.now() + 86_400_000)
  return at.setHours(20, 0, 0, 0)
}
