import { useId } from 'preact/hooks'

/** One of many, of which only the chosen one is in sight. */
export function SelectField(props: {
  label: string
  name: string
  options: readonly { value: string; label: string }[]
  value?: string
  hint?: string
  onChange?(value: string): void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        class="input"
        name={props.name}
        value={props.value}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onChange?.(event.currentTarget.value)}
      >
        {props.options.map(({ value, label }) => (
          <option value={value} key={value}>
            {label}
          </option>
        ))}
      </select>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  )
}
