import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export function Field(props: {
  label: string
  name: string
  type?: 'text' | 'email' | 'password' | 'number' | 'date' | 'datetime-local'
  value?: string
  hint?: string
  wrong?: string | null
  required?: boolean
  minLength?: number
  maxLength?: number
  autocomplete?: 'email' | 'name' | 'one-time-code' | 'current-password' | 'new-password' | 'off'
  autofocus?: boolean
}) {
  const id = useId()
  const about = props.wrong ? `${id}-wrong` : props.hint ? `${id}-hint` : undefined
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        name={props.name}
        type={(props.type ?? 'text') as 'text'} // the element's types are told apart by this attribute; any of ours will do
        defaultValue={props.value ?? ''}
        required={props.required}
        minLength={props.minLength}
        maxLength={props.maxLength}
        autocomplete={props.autocomplete ?? 'off'}
        autofocus={props.autofocus}
        aria-invalid={props.wrong ? 'true' : undefined}
        aria-describedby={about}
      />
      {props.wrong ? (
        <p class="wrong" id={`${id}-wrong`}>
          {props.wrong}
        </p>
      ) : props.hint ? (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      ) : null}
    </div>
  )
}

/** Some lines of text. */
export function TextField(props: {
  label: string
  name: string
  value: string
  rows?: number
  maxLength: number
  hint?: string
  wrong?: string | null
}) {
  const id = useId()
  const said = props.wrong ?? props.hint
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        class="input"
        name={props.name}
        rows={props.rows ?? 3}
        maxLength={props.maxLength}
        defaultValue={props.value}
        aria-invalid={props.wrong ? 'true' : undefined}
        aria-describedby={said ? `${id}-said` : undefined}
      />
      {said && (
        <p class={props.wrong ? 'wrong' : 'hint'} id={`${id}-said`}>
          {said}
        </p>
      )}
    </div>
  )
}

/** One of a few, all of them in sight. */
export function Choices<Value extends string>(props: {
  label: string
  name: string
  value: Value
  options: readonly { value: Value; label: string; hint: string }[]
}) {
  return (
    <fieldset class="choices">
      <legend>{props.label}</legend>
      {props.options.map(({ value, label, hint }) => (
        <label class="choice" key={value}>
          <input type="radio" name={props.name} value={value} defaultChecked={value === props.value} />
          <span>
            <b>{label}</b>
            <span class="fine">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Where there is nothing yet: what will be here, and what to do about it. */
export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Lamp />
      <h2>{props.title}</h2>
      {props.children && <div class="soft">{props.children}</div>}
    </div>
  )
}

/** A value to be taken elsewhere: shown whole on focus, copied by one press. */
export function CopyField(props: { label: string; value: string; hint?: string; secret?: boolean }) {
  const id = useId()
  const [isShown, show] = useState(!props.secret)
  const [isCopied, setCopied] = useState(false)
  async function copy() {
    if (!(await copyText(props.value, document.getElementById(id)))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 1_600)
  }
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="copy">
        <input
          id={id}
          class={`input${isShown ? '' : ' masked'}`}
          readOnly
          value={props.value}
          autocomplete="off"
          onFocus={(event) => event.currentTarget.select()}
        />
        {props.secret && (
          <button type="button" class="button" onClick={() => show(!isShown)}>
            {isShown ? 'Hide' : 'Show'}
          </button>
        )}
        <button type="button" class="button" onClick={copy} aria-label={`Copy ${props.label}`}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <span class="visually-hidden" role="status">
        {isCopied ? `${props.label} copied` : ''}
      </span>
      {props.hint && <p class="hint">{props.hint}</p>}
    </div>
  )
}

/** The clipboard API wants HTTPS; a node at home is often reached without. */
async function copyText(text: string, element: HTMLElement | null): Promise<boolean> {
  if (navigator.clipboard) {
    const isDone = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (isDone) return true
  }
  if (!(element instanceof HTMLInputElement)) return false
  element.select()
  return document.execCommand('copy')
}

export function Confirm(props: {
  title: string
  children: ComponentChildren
  action: string
  /** On the button that leaves all as it is. */
  dismiss?: string
  isDangerous?: boolean
  /** What is asked for in it is there. */
  isReady?: boolean
  onConfirm(): Promise<void> | void
  onClose(): void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isBusy, setBusy] = useState(false)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  async function confirm() {
    setBusy(true)
    try {
      await props.onConfirm()
    } finally {
      setBusy(false)
      dialog.current?.close()
    }
  }
  return (
    <dialog class="dialog" ref={dialog} onClose={props.onClose} aria-labelledby={id}>
      <div class="stack">
        <h2 id={id}>{props.title}</h2>
        <div class="soft">{props.children}</div>
        <div class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()} disabled={isBusy}>
            {props.dismiss ?? 'Cancel'}
          </button>
          <button
            type="button"
            class={`button primary${props.isDangerous ? ' danger' : ''}`}
            onClick={confirm}
            disabled={isBusy || props.isReady === false}
          >
            {props.action}
          </button>
        </div>
      </div>
    </dialog>
  )
}

const toasts = signal<{ id: number; text: string }[]>([])
let lastToast = 0

export function toast(text: string): void {
  const id = ++lastToast
  toasts.value = [...toasts.value, { id, text }]
  setTimeout(() => {
    toasts.value = toasts.value.filter((one) => one.id !== id)
  }, 4_000)
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ id, text }) => (
        <div class="toast" key={id}>
          {text}
        </div>
      ))}
    </div>
  )
}

export function Notice(props: { isBad?: boolean; children: ComponentChildren }) {
  return (
    <div class={`notice${props.isBad ? ' bad' : ''}`} role={props.isBad ? 'alert' : undefined}>
      {props.children}
    </div>
  )
}

/** The house's mark: a lamp at the edge of the stage, throwing its light up. */
export function Lamp() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="var(--accent)" stroke-linecap="round">
      <path d="M16 4v7M5.500 8.500l4.300 5.600M26.500 8.500l-4.300 5.600" stroke-width="2.800" />
      <path d="M7.500 24.500a8.500 8.500 0 0 1 17 0z" fill="var(--accent)" stroke="none" />
      <path d="M4 28h24" stroke-width="2.600" />
    </svg>
  )
}
