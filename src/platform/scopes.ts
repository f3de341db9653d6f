import { DomainError } from './errors.ts'

/** What an API key may be made for: the reference's tags, read or written. Accounts and operators' matters are none. */
const SUBJECTS = ['channels', 'sessions', 'playback', 'stream-keys', 'chat'] as const
export const SCOPES = SUBJECTS.flatMap((subject) => [`${subject}:read`, `${subject}:write`] as const)
export type Scope = (typeof SCOPES)[number]

const READS = new Set(['GET', 'HEAD'])
/** A key may know whom it belongs to and where it is, whatever else it may. */
const ALWAYS = new Set(['GET /me', 'GET /node'])

interface Described {
  type: string
  route?: { method: string; path: string; tags?: string[] }
}

/**
 * Which scope a route asks for, as the API's own description says: its first tag and whether it writes. What is not
 * described, or has a tag that is no subject of keys, no key may do.
 */
export function scopeOf(definitions: readonly Described[]) {
  const tagOf = new Map<string, string>()
  for (const { type, route } of definitions) {
    if (type === 'route' && route)
      tagOf.set(`${route.method.toUpperCase()} ${plain(route.path)}`, route.tags?.[0] ?? '')
  }
  return (method: string, path: string): Scope | 'any' | null => {
    const name = `${method === 'HEAD' ? 'GET' : method} ${plain(path)}`
    if (ALWAYS.has(name)) return 'any'
    const subject = tagOf.get(name)?.replaceAll(' ', '-')
    const wanted = `${subject}:${READS.has(method) ? 'read' : 'write'}`
    return SCOPES.find((scope) => scope === wanted) ?? null
  }
}

/** Throws unless these scopes allow it. Who may write may read as well. */
export function requireScope(held: readonly string[], wanted: Scope | 'any' | null): void {
  if (wanted === 'any') return
  if (wanted !== null && (held.includes(wanted) || held.includes(wanted.replace(/:read$/, ':write')))) return
  const message = wanted ? `This API key lacks the scope ${wanted}.` : 'This cannot be done with an API key: sign in.'
  throw new DomainError('forbidden', 'scope_missing', message, { scope: wanted })
}

/** `/channels/{id}` and `/api/channels/:id` are the same. */
function plain(path: string): string {
  return path.replace(/^\/api(?=\/)/, '').replace(/\{(\w+)\}/g, ':$1')
}
