/** Why one may not watch, as the server says it, and what a stranger would be asked after signing in. */
export interface Refusal {
  code: string
  next: string | null
}

export const words: Record<string, [string, string]> = {
  sign_in: ['Sign in to watch', 'This show is not open to everybody.'],
  verify: ['Confirm your e-mail address', 'Follow the link in the mail we sent you; then come back here.'],
  buy: ['This show needs a ticket', 'With a ticket it opens here by itself.'],
  join: ['This show is for members', 'Become a member of the channel and it opens here by itself.'],
  upgrade: ['This show is for a higher membership', 'With it the show opens here by itself.'],
  follow: ['This show is for followers', 'Follow the channel and it opens here at once.'],
  invite_only: ['This show is now for invited people', 'Ask its creator for an invitation.'],
  banned: ['You may not watch this channel', 'Whoever runs it has shut this account out.'],
  ended: ['Your access has ended', 'What you had for this show has run out.'],
  device_limit: ['You are watching on another device', 'Your account may watch on so many at once.'],
  device_ended: ['Watching was ended on this device', 'From another device of your account.'],
}

export const afterSigningIn: Record<string, string> = {
  buy: 'This show needs a ticket.',
  join: 'This show is for members of the channel.',
  upgrade: 'This show is for a higher membership than yours.',
  follow: 'This show is for followers of the channel.',
}

/** The refusal in an answer of the API; null for what is no refusal but a failure. `known` is what the socket said. */
export function refusalIn(error: { code: string; details: unknown }, known: string | null): Refusal | null {
  const code = error.code === 'nothing_to_watch' && known === 'invite_only' ? known : error.code
  if (!words[code]) return null
  const { details } = error
  const next = typeof details === 'object' && details !== null && 'next' in details ? details.next : null
  return { code, next: typeof next === 'string' ? next : null }
}
