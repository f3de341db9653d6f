/**
 * Who may watch what. Owns `entitlement` (the one record of a right, however it was come by), `showInvitation`, `preview` and
 * `withdrawal`, and the open viewings in memory. It knows nothing of prices: commerce calls `grant` and `revoke` inside
 * the transaction that books the money, and `recheck` after its commit; from then on not one later byte leaves for those
 * who lost the right, and the others notice nothing.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { Secret } from '../platform/secret.ts'
import { createDevices, type DeviceSettings } from './devices.ts'
import { createPlayback, type Outcome, type Viewing } from './playback.ts'
import { type Decision, type Entitlement, isSecret, judge, type Reason, type Target } from './policy.ts'
import { createPreviews, type Viewer } from './previews.ts'
import { createStanding } from './standing.ts'
import { createTargets } from './targets.ts'
import type { Claims } from './tokens.ts'
import { createWithdrawals } from './withdrawals.ts'

export { createInvitations, type Invitations } from './invitations.ts'
export type { Viewing } from './playback.ts'
export {
  type Decision,
  type Entitlement,
  isSecret,
  type Reason,
  type Scope,
  type Target,
  VISIBILITIES,
  type Visibility,
} from './policy.ts'
export type { Viewer } from './previews.ts'

/** Whose viewings are concerned: of this account, of this session, of this channel's sessions; all that are named hold. */
export interface Concerned {
  userId?: string
  sessionId?: string
  channelId?: string
}

interface AccessOptions {
  db: Db
  clock: Clock
  logger: Logger
  /** Seals the playback tokens. */
  secret: Secret
  config: DeviceSettings
  /** A viewing has lost its right. */
  onWithdrawn?(viewing: Viewing, reason: Reason): void
  /** Rights have changed: who was refused may ask again. */
  onRights?(concerned: Concerned): void
}

export type Access = ReturnType<typeof createAccess>

const HOUR_MS = 3_600_000
/** For what is open to all, and for what may be lost: the player renews it. */
const OPEN_TTL_MS = 24 * HOUR_MS
const RESTRICTED_TTL_MS = 4 * HOUR_MS
/** How many viewings are decided before others have a turn. */
const AT_ONCE = 100

export function createAccess({ db, clock, logger, secret, config, onWithdrawn, onRights }: AccessOptions) {
  const standingOf = createStanding(db)
  const targetOf = createTargets(db)
  const previews = createPreviews({ db, clock, secret })
  const withdrawals = createWithdrawals({ db, clock, keptMs: OPEN_TTL_MS })
  /** Counts the rechecks: what was decided from before one is decided again. */
  let rechecks = 0

  const playback = createPlayback({
    secret,
    clock,
    decide: (claims) => decideAnew(claims, { isNew: true }),
    onReturn: (viewing) => devices.claim(viewing),
  })
  const devices = createDevices({
    config,
    playback,
    clock,
    end(viewings, reason) {
      for (const viewing of viewings) withdraw(viewing, reason)
      const kept = withdrawals.viewings(
        viewings.map(({ viewingId }) => viewingId),
        reason,
      )
      kept.catch((error: unknown) => logger.error({ err: error }, 'a withdrawal would not outlive a restart'))
      return kept
    },
  })

  /** Reads only: a preview that has not begun is told as if it began now. */
  async function decide(viewer: Viewer, target: Target): Promise<Decision> {
    const now = clock.now()
    const standing = viewer.userId === null ? null : await standingOf(viewer.userId, target, now)
    const verdict = judge(target, standing, now, config.devices)
    if (verdict.allowed) return verdict
    const { mayPreview, ...refusal } = verdict
    if (!mayPreview || target.previewMinutes === 0) return refusal
    const endsAt = ((await previews.beganAt(viewer, target.scope)) ?? now) + target.previewMinutes * 60_000
    if (endsAt <= now) return refusal
    return { allowed: true, maxHeight: target.freeMaxHeight, previewEndsAt: endsAt, until: endsAt, devices: null }
  }

  /** Writes a right, or rewrites the one from the same source: an event that comes twice grants once. */
  async function grant({ userId, scope, tier, source, expiresAt }: Entitlement, tx: Db = db): Promise<void> {
    await tx
      .insertInto('entitlement')
      .values({ userId, scope, tier, source, expiresAt, grantedAt: clock.now() })
      .onConflict((oc) => oc.column('source').doUpdateSet({ userId, scope, tier, expiresAt }))
      .execute()
  }

  async function revoke(source: string, tx: Db = db): Promise<void> {
    await tx.deleteFrom('entitlement').where('source', '=', source).execute()
  }

  /** What was decided while rights changed is decided again: nothing old is ever acted upon. */
  async function settled<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const before = rechecks
      const answer = await work()
      if (before === rechecks) return answer
    }
  }

  /** A viewing as it stands now. `isNew` to this run of the node: it may have been ended by hand before. */
  function decideAnew(claims: Omit<Claims, 'expiresAt'>, { isNew = false } = {}): Promise<Outcome> {
    return settled(async () => {
      const ended = isNew || claims.userId !== null ? await withdrawals.of(claims) : null
      if (ended) return { allowed: false, reason: ended }
      const target = await targetOf(claims.sessionId)
      if (!target) return { allowed: false, reason: 'ended' }
      return decide({ userId: claims.userId, deviceId: claims.deviceId, address: null }, target)
    })
  }

  function withdraw(viewing: Viewing, reason: Reason): void {
    if (viewing.closed !== null) return
    playback.close(viewing, reason)
    logger.info({ userId: viewing.userId, sessionId: viewing.sessionId, reason }, 'a viewing was withdrawn')
    onWithdrawn?.(viewing, reason)
  }

  /** To be called after the commit that changed rights. Those who lost theirs are shut out before it resolves. */
  async function recheck(concerned: Concerned): Promise<void> {
    rechecks++
    await decideAll(await concernedBy(concerned))
    onRights?.(concerned)
  }

  async function concernedBy({ userId, sessionId, channelId }: Concerned): Promise<Viewing[]> {
    const ids = sessionId ? [sessionId] : playback.sessions()
    const isOf = await Promise.all(ids.map((id) => mayBeOf(id, channelId)))
    const sessions = new Set(ids.filter((_id, n) => isOf[n]))
    if (userId) return playback.ofUser(userId).filter((viewing) => sessions.has(viewing.sessionId))
    return [...sessions].flatMap(playback.ofSession)
  }

  /** Where it cannot be told, it may be. */
  async function mayBeOf(sessionId: string, channelId: string | undefined): Promise<boolean> {
    if (channelId === undefined) return true
    const target = await targetOf(sessionId).catch(() => null)
    return target === null || target.channelId === channelId
  }

  async function lookAgain(viewing: Viewing): Promise<void> {
    try {
      const outcome = await decideAnew(viewing)
      if (outcome.allowed) playback.apply(viewing, outcome)
      else withdraw(viewing, outcome.reason)
    } catch (error) {
      // Nothing more leaves on what was decided before: its next request waits for a decision, and so does the next tick.
      viewing.until = clock.now()
      logger.error({ err: error, sessionId: viewing.sessionId }, 'a viewing could not be decided; it is tried again')
    }
  }

  async function decideAll(viewings: Viewing[]): Promise<void> {
    for (let from = 0; from < viewings.length; from += AT_ONCE) {
      await Promise.all(viewings.slice(from, from + AT_ONCE).map(lookAgain))
      await breathe()
    }
  }

  /**
   * Decides for somebody who wants to watch now, and hands out a token where they may. `previous` is the token they have:
   * their viewing goes on with a new one; where it was ended by hand it stays ended until they ask without it.
   */
  async function admit(viewer: Viewer, sessionId: string, previous: string | null = null) {
    const before = previous === null ? null : playback.claimsOf(previous, sessionId)
    const goesOn = before !== null && before.userId === viewer.userId ? before : null
    const decision = await settled(async (): Promise<Decision> => {
      const ended = goesOn && (playback.find(goesOn)?.closed ?? (await withdrawals.of(goesOn)))
      if (ended === 'device_limit' || ended === 'device_ended') return { allowed: false, reason: ended, next: null }
      const target = await targetOf(sessionId)
      if (!target) return { allowed: false, reason: 'ended', next: null }
      const found = await decide(viewer, target)
      if (found.allowed && found.previewEndsAt !== null) await previews.begin(viewer, target.scope)
      return found
    })
    if (!decision.allowed) return decision
    const isOver = goesOn !== null && playback.find(goesOn)?.closed
    const kept = goesOn && !isOver ? goesOn : { viewingId: newId(), beganAt: clock.now(), deviceId: viewer.deviceId }
    const claims = { sessionId, userId: viewer.userId, ...pick(kept) }
    if (!devices.mayOpen(claims, decision.devices))
      return { allowed: false as const, reason: 'device_limit' as const, next: null }
    const isRestricted = decision.devices !== null || decision.until !== null
    const { viewing, ...issued } = playback.issue(claims, decision, isRestricted ? RESTRICTED_TTL_MS : OPEN_TTL_MS)
    devices.claim(viewing)
    return { ...decision, ...issued }
  }

  /** Whether everybody may watch it, known or not, whole: only then may a cache keep what is shown of it. */
  async function isOpenToAll(sessionId: string): Promise<boolean> {
    const target = await targetOf(sessionId)
    return target !== null && judge(target, null, clock.now(), null).allowed
  }

  /** What would be answered if it began now, for a show that has not. */
  async function foresee(viewer: Viewer, sessionId: string): Promise<Decision> {
    const target = await targetOf(sessionId)
    return target ? decide(viewer, target) : { allowed: false, reason: 'ended', next: null }
  }

  /** Part of the transaction that ends somebody's sign-ins; `recheck({ userId })` follows its commit. */
  const endSignIns = (userId: string, tx: Db = db) => withdrawals.user(userId, 'sign_in', tx)

  /** Whether somebody may learn of a session that is in no list: they run the channel, or were invited. */
  async function mayKnow(userId: string | null, sessionId: string): Promise<boolean> {
    const target = await targetOf(sessionId)
    if (!target || userId === null) return target !== null && !isSecret(target.visibility)
    if (!isSecret(target.visibility)) return true
    const now = clock.now()
    return judge({ ...target, visibility: 'private' }, await standingOf(userId, target, now), now, null).allowed
  }

  /** The highest tier of a membership somebody holds in a channel; null for none. */
  async function memberTier(userId: string, channelId: string): Promise<number | null> {
    const { tier } = await db
      .selectFrom('entitlement')
      .select((eb) => eb.fn.max<number | null>('tier').as('tier'))
      .where('userId', '=', userId)
      .where('scope', '=', `channel:${channelId}`)
      .where('tier', '>=', 1)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', clock.now())]))
      .executeTakeFirstOrThrow()
    return tier
  }

  /** What this room knows of one person, for themselves. */
  async function heldOf(userId: string) {
    const [rights, previews] = await Promise.all([
      db
        .selectFrom('entitlement')
        .select(['scope', 'tier', 'source', 'grantedAt', 'expiresAt'])
        .where('userId', '=', userId)
        .execute(),
      db.selectFrom('preview').select(['scope', 'beganAt']).where('viewer', '=', `user:${userId}`).execute(),
    ])
    return { rights, previews, watchingOn: devices.list(userId) }
  }

  /** What a decision is made of, for who runs the channel; null when there is no such session. */
  async function why(userId: string | null, sessionId: string) {
    const target = await targetOf(sessionId)
    if (!target) return null
    const now = clock.now()
    const standing = userId === null ? null : await standingOf(userId, target, now)
    const decision = await decide({ userId, deviceId: null, address: null }, target)
    const viewings = userId === null ? [] : playback.ofUser(userId).filter((viewing) => viewing.sessionId === sessionId)
    return { decision, target, standing, viewings, now }
  }

  /** Rights that end by time are looked at when they do, so that a page is told though its player asks for nothing. */
  async function tick(): Promise<void> {
    const now = clock.now()
    await decideAll(
      [...playback.all()].filter(({ until, closed }) => closed === null && until !== null && until <= now),
    )
  }

  async function tidy(): Promise<void> {
    playback.sweep()
    await withdrawals.forgetOld()
    await previews.forgetOld()
  }

  const inBackground = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => logger.error({ err: error }, 'rights that end by time were not looked at'))
  const timers = [setInterval(inBackground(tick), 500), setInterval(inBackground(tidy), 60_000)]

  return {
    decide,
    targetOf,
    mayKnow,
    memberTier,
    why,
    heldOf,
    grant,
    revoke,
    recheck,
    admit,
    foresee,
    isOpenToAll,
    endSignIns,
    tick,
    verify: playback.verify,
    devices,
    viewingsOf: playback.ofUser,
    stop: () => timers.forEach(clearInterval),
  }
}

const pick = ({ viewingId, beganAt, deviceId }: Pick<Claims, 'viewingId' | 'beganAt' | 'deviceId'>) => ({
  viewingId,
  beganAt,
  deviceId,
})
