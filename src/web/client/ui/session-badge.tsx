import type { SessionView } from '../api/views.ts'
import { stateInWords } from './words.ts'

export function SessionBadge({ session }: { session: SessionView | null }) {
  return <span class={`badge ${session?.state ?? 'offline'}`}>{stateInWords(session)}</span>
}
