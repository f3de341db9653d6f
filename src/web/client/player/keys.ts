/** The keyboard map: what is shown in the dialog is what is obeyed. */
export interface Key {
  /** As `KeyboardEvent.key` says it, in small letters. */
  keys: readonly string[]
  shown: string
  does: string
  act(): void
}

const TYPING = 'input, textarea, select, [contenteditable]'
/** These mean something of their own on whatever control has the focus. */
const OF_CONTROLS = new Set([' ', 'arrowleft', 'arrowright', 'arrowup', 'arrowdown'])

export function listenToKeys(keys: readonly Key[], controller: HTMLElement, signal: AbortSignal): void {
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.composedPath()[0]
      if (!(target instanceof Element) || target.matches(TYPING) || document.querySelector('dialog[open]')) return
      const pressed = event.key.toLowerCase()
      const isOnControl = target !== document.body && target !== controller && target.id !== 'main'
      if (isOnControl && OF_CONTROLS.has(pressed)) return
      const found = keys.find((key) => key.keys.includes(pressed))
      if (!found) return
      event.preventDefault()
      found.act()
    },
    { signal },
  )
}
