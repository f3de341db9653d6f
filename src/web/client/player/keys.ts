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

/** The map as a dialog, for `?` and for the button that says the same. */
export function buildKeyDialog(host: HTMLElement, keys: readonly Key[], debugInfo: () => string) {
  const dialog = document.createElement('dialog')
  dialog.className = 'dialog key-dialog'
  dialog.setAttribute('aria-labelledby', 'key-map')
  const rows = keys.map(({ shown, does }) => `<dt><kbd>${shown}</kbd></dt><dd>${does}</dd>`).join('')
  dialog.innerHTML = `
    <h2 id="key-map">Keyboard</h2>
    <dl>${rows}</dl>
    <div class="actions">
      <button type="button" class="button" data-copy>Copy debug info</button>
      <button type="button" class="button primary" data-close>Close</button>
    </div>`
  const copy = dialog.querySelector<HTMLButtonElement>('[data-copy]')
  copy?.addEventListener('click', async () => {
    const isDone = await copyText(debugInfo(), dialog)
    copy.textContent = isDone ? 'Copied' : 'Copying was refused'
  })
  dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close())
  host.append(dialog)
  return dialog
}

/** The clipboard API wants HTTPS; a node at home is often reached without. */
async function copyText(text: string, within: HTMLElement): Promise<boolean> {
  const isDone = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  if (isDone) return true
  const field = document.createElement('textarea')
  field.value = text
  within.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  return isCopied
}
