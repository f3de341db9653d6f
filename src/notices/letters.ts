import type { Mail } from '../platform/mailer.ts'
import type { Kind } from './kinds.ts'

interface News {
  to: string
  kind: Kind
  title: string
  text: string
  /** Absolute. */
  link: string
  /** Where this kind of mail is turned off: a page for a person, one POST for a mail program (RFC 8058). */
  unsubscribe: string
}

const WHY: Record<Kind, string> = {
  live: 'You are told when a channel you follow goes live.',
  soon: 'You asked to be reminded of this show, or hold a ticket to it.',
  changed: 'You asked to be reminded of this show, or hold a ticket to it.',
  chat: 'You are told when somebody answers you in a chat.',
  money: 'You are told when something about your membership needs you.',
}

/** A notice as a mail: plain text, and the same as HTML; both of text that others wrote. */
export function letterOf({ to, kind, title, text, link, unsubscribe }: News, publicUrl: string): Mail {
  const site = new URL(publicUrl).host
  const off = `No more mails of this kind: ${unsubscribe}`
  return {
    to,
    // A line break in a subject would begin another header.
    subject: `${title} – ${site}`.replaceAll(/\s+/g, ' '),
    text: `${title}\n\n${text}\n\n${link}\n\n${WHY[kind]} ${off}\n`,
    html: [
      '<!doctype html><html lang="en"><body style="font-family:sans-serif;line-height:1.5;max-width:34rem">',
      `<h1 style="font-size:1.25rem">${escaped(title)}</h1><p style="white-space:pre-line">${escaped(text)}</p>`,
      `<p><a href="${escaped(link)}">Open it on ${escaped(site)}</a></p>`,
      `<p style="color:#666;font-size:.8rem">${WHY[kind]} <a href="${escaped(unsubscribe)}">No more of these</a></p>`,
      '</body></html>',
    ].join('\n'),
    headers: { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
