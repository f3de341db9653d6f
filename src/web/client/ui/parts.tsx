import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export function Field(props: {
  label: string
  name: string
  type?: 'text' | 'email' | 'password'
  value?: string
  hint?: string
  wrong?: string | null
  required?: boolean
  minLength?: number
  maxLength?: number
  autocomplete?: 'email' | 'name' | 'current-password' | 'new-password' | 'off'
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
          class="input"
          readOnly
          type={(isShown ? 'text' : 'password') as 'text'}
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
  const { type } = element
  element.type = 'text'
  element.select()
  const isDone = document.execCommand('copy')
  element.type = type
  return isDone
}

export function Confirm(props: {
  title: string
  children: ComponentChildren
  action: string
  isDangerous?: boolean
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
            Cancel
          </button>
          <button
            type="button"
            class={`button primary${props.isDangerous ? ' danger' : ''}`}
            onClick={confirm}
            disabled={isBusy}
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
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="var(--accent)">
      <path d="M11 22 3.5 6h11L13 22z" opacity=".35" />
      <path d="M21 22 28.500 6h-11L19 22z" opacity=".35" />
      <path d="M13 22 11 5h10l-2 17z" opacity=".6" />
      <path d="M7 22h18v1a5 5 0 0 1-5 5h-8a5 5 0 0 1-5-5z" />
    </svg>
  )
}
