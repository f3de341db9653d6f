/** What a viewer sets seldom: how much the picture may cost, and beside it the keyboard map and what helps who helps. */
import { DATA_USES, type DataUse } from './data-use.ts'
import type { Key } from './keys.ts'

interface SettingsOptions {
  host: HTMLElement
  keys: readonly Key[]
  dataUse: DataUse
  /** Whether there is a sound that can be had alone. */
  hasSound(): boolean
  onDataUse(use: DataUse): void
  debugInfo(): string
}

export function buildSettings({ host, keys, dataUse, hasSound, onDataUse, debugInfo }: SettingsOptions) {
  const dialog = document.createElement('dialog')
  dialog.className = 'dialog player-settings'
  dialog.setAttribute('aria-label', 'Settings and keyboard')
  const uses = Object.entries(DATA_USES).map(
    ([use, { name, does }]) =>
      `<label><input type="radio" name="data-use" value="${use}" ${use === dataUse ? 'checked' : ''} />
      <span>${name}<small>${does}</small></span></label>`,
  )
  const rows = keys.map(({ shown, does }) => `<dt><kbd>${shown}</kbd></dt><dd>${does}</dd>`)
  dialog.innerHTML = `
    <fieldset><legend>Picture</legend>${uses.join('')}</fieldset>
    <section><h2>Keyboard</h2><dl>${rows.join('')}</dl></section>
    <div class="actions">
      <button type="button" class="button" data-copy>Copy debug info</button>
      <button type="button" class="button primary" data-close>Close</button>
    </div>`
  dialog.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement && isDataUse(target.value)) onDataUse(target.value)
  })
  const copy = dialog.querySelector<HTMLButtonElement>('[data-copy]')
  copy?.addEventListener('click', async () => {
    const isDone = await copyText(debugInfo(), dialog)
    copy.textContent = isDone ? 'Copied' : 'Copying was refused'
  })
  dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close())
  host.append(dialog)
  return {
    open(): void {
      const sound = dialog.querySelector<HTMLInputElement>('[value=sound]')
      if (sound) sound.disabled = !hasSound()
      dialog.showModal()
    },
  }
}

function isDataUse(value: string): value is DataUse {
  return value in DATA_USES
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
