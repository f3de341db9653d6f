import { useState } from 'preact/hooks'
import { Field } from '../ui/parts.tsx'
import type { Repeat, Weekday } from './programme-api.ts'
import { WEEKDAYS } from './times.ts'

const RHYTHMS = { '': 'Once', day: 'Every day', week: 'Every week', month: 'Every month' }

/** Whether it comes again, and when. */
export function RepeatField({ wrong }: { wrong?: string | null }) {
  const [every, setEvery] = useState('')
  return (
    <>
      <div class="pair">
        <div class="field">
          <label for="repeat">How often</label>
          <select
            class="input"
            id="repeat"
            name="every"
            value={every}
            onChange={(event) => setEvery(event.currentTarget.value)}
          >
            {Object.entries(RHYTHMS).map(([value, label]) => (
              <option value={value} key={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        {every !== '' && (
          <Field label="Last day" name="until" type="date" hint="Empty for no end." wrong={wrong ?? null} />
        )}
      </div>
      {every === 'week' && (
        <fieldset class="weekdays">
          <legend>On</legend>
          {Object.entries(WEEKDAYS).map(([day, name]) => (
            <label key={day}>
              <input type="checkbox" name={`on-${day}`} />
              <span title={name}>{name.slice(0, 2)}</span>
            </label>
          ))}
        </fieldset>
      )}
      {every === 'month' && (
        <div class="field">
          <label for="repeat-by">On</label>
          <select class="input" id="repeat-by" name="by">
            <option value="date">the same date; months without it are left out</option>
            <option value="weekday">the same weekday, such as the second Tuesday</option>
          </select>
        </div>
      )}
    </>
  )
}

/** What the fields above say; null for once. */
export function repeatIn(fields: Record<string, string>): Repeat | null {
  const { every, by, until } = fields
  if (every !== 'day' && every !== 'week' && every !== 'month') return null
  const days = Object.keys(WEEKDAYS).filter((day) => fields[`on-${day}`]) as Weekday[] // its own keys
  const on = every === 'week' ? days : []
  return { every, interval: 1, on, by: by === 'weekday' ? 'weekday' : 'date', until: until || null }
}
