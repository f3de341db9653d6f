import { letterOf } from '../platform/mailer.ts'

const UNASKED = 'If it was not you, do nothing: without this link nothing happens.'

/** The mails of this room. A link opens a page of ours that asks for a press; fetching it does nothing yet. */
export function createLetters(publicUrl: string) {
  const site = new URL(publicUrl).host
  const link = (path: string, word: string) => `${publicUrl}${path}?token=${word}`

  const letter = (to: string, subject: string, ...paragraphs: string[]) =>
    letterOf(publicUrl, to, subject, ...paragraphs)

  return {
    verify: (to: string, name: string, word: string) =>
      letter(
        to,
        'Confirm your e-mail address',
        `Somebody, most likely you, registered at ${site} as “${name}” with this address. Confirm it within a day:`,
        link('/verify', word),
        UNASKED,
      ),
    alreadyHere: (to: string) =>
      letter(
        to,
        'You have an account already',
        `Somebody, most likely you, tried to register at ${site} with this address. There is an account with it already.`,
        `Sign in: ${publicUrl}/sign-in`,
        `A new password: ${publicUrl}/reset`,
        'If it was not you, do nothing.',
      ),
    signIn: (to: string, word: string) =>
      letter(to, 'Your link to sign in', `Sign in at ${site} within 15 minutes:`, link('/sign-in/link', word), UNASKED),
    newAddress: (to: string, name: string, word: string) =>
      letter(
        to,
        'Confirm your new e-mail address',
        `“${name}” at ${site} is to have this address from now on. Confirm it within a day:`,
        link('/account/new-address', word),
        UNASKED,
      ),
    addressInUse: (to: string) =>
      letter(
        to,
        'This address has an account already',
        `Somebody, most likely you, wanted to give this address to another account at ${site}. It has one of its own, and keeps it.`,
        'If it was not you, do nothing.',
      ),
    addressChanged: (to: string, name: string, email: string) =>
      letter(
        to,
        'Your e-mail address was changed',
        `“${name}” at ${site} has another address now: ${email}. Nothing more is sent to this one.`,
        `If it was not you, write to whoever runs ${site} at once.`,
      ),
    invitation: (to: string, word: string) =>
      letter(
        to,
        'You are invited',
        `You are invited to ${site}. This link makes one account:`,
        `${publicUrl}/register?invitation=${word}`,
        'If you do not want one, do nothing.',
      ),
    reset: (to: string, word: string) =>
      letter(
        to,
        'Choose a new password',
        `Choose a new password for ${site} within an hour:`,
        link('/reset', word),
        UNASKED,
      ),
  }
}

export type Letters = ReturnType<typeof createLetters>
