import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Pages } from '../api/use-pages.ts'
import { Notice } from './parts.tsx'

/** The lines of a long list, what stands there while there are none, and the button for the rest. */
export function PagedList<Item extends { id: string }>(props: {
  pages: Pages<Item>
  empty: string
  line(item: Item): ComponentChildren
}) {
  const { items, error, more } = props.pages
  const [isBusy, setBusy] = useState(false)
  async function further() {
    setBusy(true)
    await more?.()
    setBusy(false)
  }
  return (
    <>
      {error && <Notice isBad>{error.message}</Notice>}
      {!items && !error && <div class="skeleton loading-field" />}
      {items?.length === 0 && <p class="soft">{props.empty}</p>}
      {items && items.length > 0 && (
        <ul class="keys">
          {items.map((item) => (
            <li key={item.id}>{props.line(item)}</li>
          ))}
        </ul>
      )}
      {more && (
        <div>
          <button type="button" class="button small" onClick={further} disabled={isBusy}>
            Show more
          </button>
        </div>
      )}
    </>
  )
}

/** Leafs through a list that shows one page at a time: back to its beginning, and on. */
export function PageTurns(props: { cursor: string | null; next: string | null; onTurn(cursor: string | null): void }) {
  const { cursor, next, onTurn } = props
  return (
    <div class="row">
      {cursor && (
        <button type="button" class="button small" onClick={() => onTurn(null)}>
          First page
        </button>
      )}
      {next && (
        <button type="button" class="button small" onClick={() => onTurn(next)}>
          Next page
        </button>
      )}
    </div>
  )
}
