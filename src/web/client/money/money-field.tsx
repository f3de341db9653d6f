import { useId, useState } from 'preact/hooks'
import { inMoney, kindOf, typedAmount } from './amounts.ts'

/** An amount as one types it; beneath it how buyers will read it, so that a misplaced point is seen. */
export function MoneyField(props: {
  label: string
  name: string
  currency: string
  value?: string
  hint?: string
  wrong?: string | null
  required?: boolean
  onType?(text: string): void
}) {
  const id = useId()
  const [text, setText] = useState(props.value ?? '')
  const kind = kindOf(props.currency)
  const amount = kind && typedAmount(text, kind)
  const read = kind && amount !== null ? inMoney(amount, kind) : props.hint
  const said = props.wrong ?? read
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        name={props.name}
        inputMode="decimal"
        autocomplete="off"
        value={text}
        required={props.required}
        maxLength={20}
        aria-invalid={props.wrong ? 'true' : undefined}
        aria-describedby={said ? `${id}-said` : undefined}
        onInput={(event) => {
          setText(event.currentTarget.value)
          props.onType?.(event.currentTarget.value)
        }}
      />
      {said && (
        <p class={props.wrong ? 'wrong' : 'hint'} id={`${id}-said`}>
          {said}
        </p>
      )}
    </div>
  )
}
