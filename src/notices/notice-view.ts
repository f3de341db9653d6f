import { z } from 'zod'
import { KINDS } from './kinds.ts'
import type { Notice } from './notices.ts'

export const NoticeView = z.object({
  id: z.string(),
  kind: z.enum(KINDS),
  title: z.string(),
  text: z.string(),
  path: z.string().describe('Where to look, on this site.'),
  at: z.iso.datetime(),
  isRead: z.boolean(),
})

export function noticeView({ id, kind, title, text, path, createdAt, readAt }: Notice): z.infer<typeof NoticeView> {
  const of = z.enum(KINDS).parse(kind)
  return { id, kind: of, title, text, path, at: new Date(createdAt).toISOString(), isRead: readAt !== null }
}
