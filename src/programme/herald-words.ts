/** What is said of a show, and the name by which it is said to a person once. Pure. */
import type { Fact } from '../notices/notices.ts'

export const WORDS = ['live', 'soon', 'moved', 'off', 'missed'] as const
export type Word = (typeof WORDS)[number]

/** What the words are made of. */
export interface Told {
  id: string
  code: string
  state: string
  title: string
  visibility: string
  scheduledAt: number | null
  timeZone: string | null
  endReason: string | null
  channelId: string
  slug: string
  name: string
  ownerId: string
}

export function factOf(word: Word, show: Told): Fact {
  const { id, code, slug, name, title, visibility, scheduledAt } = show
  const page = scheduledAt === null ? `/c/${slug}${visibility === 'unlisted' ? `?show=${code}` : ''}` : `/show/${code}`
  const what = title || name
  switch (word) {
    case 'live':
      return { fact: `live ${id}`, kind: 'live', title: `${name} is live`, text: what, path: page }
    case 'soon':
      return {
        fact: `soon ${id} ${scheduledAt}`,
        kind: 'soon',
        title: `${what} begins soon`,
        text: whenOf(show),
        path: page,
      }
    case 'moved':
      return {
        fact: `moved ${id} ${scheduledAt}`,
        kind: 'changed',
        title: `${what} has a new time`,
        text: whenOf(show),
        path: page,
      }
    case 'off':
      return { fact: `off ${id}`, kind: 'changed', title: `${what} is called off`, text: offInWords(show), path: page }
    case 'missed':
      return {
        fact: `missed ${id} ${scheduledAt}`,
        kind: 'changed',
        title: `${what} was missed`,
        text: 'Nobody went live around its time. Give it a new time, or call it off.',
        path: `/studio/${slug}/schedule`,
      }
  }
}

const offInWords = ({ name, endReason }: Told) =>
  `${name}: ${endReason ?? 'called off'}. Whoever paid for it is paid back.`

/** In the zone it was planned in: a mail does not know where it is read. */
function whenOf({ name, scheduledAt, timeZone }: Told): string {
  const zone = timeZone ?? 'UTC'
  const at = new Date(scheduledAt ?? 0).toLocaleString('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: zone,
  })
  return `${name}, ${at} (${zone})`
}
