import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Notice } from './parts.tsx'

/** A page in a file of its own, fetched when somebody goes there: who only watches never loads it. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let known: ComponentType<Props> | null = null
  return function Later(props: Props) {
    const [Page, setPage] = useState<ComponentType<Props> | null>(() => known)
    const [isLost, setLost] = useState(false)
    useEffect(() => {
      if (known) return
      load().then(
        (loaded) => {
          known = loaded
          setPage(() => loaded)
        },
        () => setLost(true),
      )
    }, [])
    if (isLost) return <Notice isBad>This page could not be loaded. Load it again in a moment.</Notice>
    return Page ? <Page {...props} /> : <div class="skeleton loading-card" />
  }
}
