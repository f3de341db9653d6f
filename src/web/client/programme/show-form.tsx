import { useState } from 'preact/hooks'
import { AudienceFields, audienceIn } from '../studio/audience-fields.tsx'
import { Choices, Field, Notice, TextField } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import type { Repeat, ShowFields, ShowView, Which } from './programme-api.ts'
import { RepeatField, repeatIn } from './repeat-field.tsx'
import { clockAt, ownZone } from './times.ts'

const WHICH = [
  { value: 'this', label: 'This show', hint: 'The others stay as they are.' },
  { value: 'following', label: 'This and all that follow', hint: 'Words, hour and who may watch.' },
] as const

interface ShowFormProps {
  /** The one that is changed; null for a new one. */
  show: ShowView | null
  action: string
  onSend(fields: ShowFields, more: { repeat: Repeat | null; which: Which }): Promise<void>
  onClose(): void
}

/** A show as its creator plans it, in a zone of their choice. */
export function ShowForm({ show, action, onSend, onClose }: ShowFormProps) {
  const [zone] = useState(show?.timeZone ?? ownZone())
  const [startsAt] = useState(() => clockAt(show ? Date.parse(show.scheduledAt) : nextEvening(), zone))
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async (fields) => {
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
      { repeat: repeatIn(fields), which: which === 'following' ? 'following' : 'this' },
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
