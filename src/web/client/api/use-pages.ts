import { useEffect, useState } from 'preact/hooks'
import type { ApiError } from './client.ts'
import { asApiError, useLoaded } from './use-loaded.ts'

export interface Pages<Item> {
  items: Item[] | null
  error: ApiError | null
  /** Null at the end. */
  more: (() => Promise<void>) | null
  reload(): void
}

/** A long list, a page at a time; a reload begins at its first page again. */
export function usePages<Item>(
  key: string,
  load: (cursor?: string) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Pages<Item> {
  const { value, error, reload } = useLoaded(key, () => load())
  const [rest, setRest] = useState<{ items: Item[]; nextCursor: string | null } | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  useEffect(() => setRest(null), [value])
  const cursor = rest ? rest.nextCursor : (value?.nextCursor ?? null)

  async function more(): Promise<void> {
    try {
      const page = await load(cursor ?? undefined)
      setRest({ ...page, items: [...(rest?.items ?? []), ...page.items] })
    } catch (failed) {
      setProblem(asApiError(failed))
    }
  }

  const items = value && [...value.items, ...(rest?.items ?? [])]
  return { items, error: error ?? problem, more: cursor === null ? null : more, reload }
}
