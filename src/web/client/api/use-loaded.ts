import { useCallback, useEffect, useState } from 'preact/hooks'
import { ApiError } from './client.ts'

export type Loaded<T> = { value: T; error: null } | { value: null; error: ApiError } | { value: null; error: null }

/** Loads when `key` changes; a reload keeps the old value on the screen until the new one is there. */
export function useLoaded<T>(key: string, load: () => Promise<T>, first: T | null = null) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: first, error: null } as Loaded<T>)
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((before) => before + 1), [])
  const replace = useCallback((value: T) => setLoaded({ value, error: null }), [])

  // `key` stands for everything `load` depends on.
  useEffect(() => {
    if (first !== null && round === 0) return
    let current = true
    load().then(
      (value) => current && setLoaded({ value, error: null }),
      (error: unknown) => current && setLoaded({ value: null, error: asApiError(error) }),
    )
    return () => {
      current = false
    }
  }, [key, round])

  return { ...loaded, reload, replace }
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'unknown', 'Something went wrong in this page.')
}
