/**
 * Who may watch what. The one place that turns a policy and a person into yes or no; it knows nothing of prices.
 * What is open needs no record of a right, so this room owns no table yet.
 */

export { createPlayback, type Playback, type Viewing } from './playback.ts'

/** What a thing asks of its viewers. */
export type Policy = { kind: 'open' }

/** A refusal carries a stable word for the page and the API, which says what would help. */
export type Decision = { allowed: true } | { allowed: false; reason: string }

export type Access = ReturnType<typeof createAccess>

export function createAccess() {
  async function decide(_userId: string | null, policy: Policy): Promise<Decision> {
    switch (policy.kind) {
      case 'open':
        return { allowed: true }
    }
  }

  return { decide }
}
