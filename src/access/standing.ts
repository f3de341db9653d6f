/**
 * What one account is to a channel and a thing of it, in one question to the database: asked at every decision, so the
 * statement is composed once and only its values change.
 */
import { CompiledQuery } from 'kysely'
import type { Db } from '../db/db.ts'
import type { Scope, Standing, Target } from './policy.ts'

interface Row {
  kind: string
  word: string
  tier: number
  endsAt: number | null
}

export function createStanding(db: Db) {
  const compiled = compose(db)

  return async function standingOf(
    userId: string,
    target: Pick<Target, 'scope' | 'channelId' | 'ownerId'>,
    now: number,
    tx: Db = db,
  ): Promise<Standing> {
    const values: Record<string, string> = {
      $user: userId,
      $channel: target.channelId,
      $scope: target.scope,
      $channelScope: `channel:${target.channelId}`,
    }
    const parameters = compiled.parameters.map((value) => values[String(value)] ?? value)
    const { rows } = await tx.executeQuery<Row>(CompiledQuery.raw(compiled.sql, parameters))
    const standing: Standing = {
      isActive: false,
      isVerified: false,
      isAdmin: false,
      isModerator: userId === target.ownerId,
      isBanned: false,
      isFollower: false,
      rights: [],
    }
    for (const { kind, word, tier, endsAt } of rows) {
      if (kind === 'right')
        standing.rights.push({ scope: word as Scope, tier, expiresAt: endsAt }) // written by `grant`
      else if (kind === 'active') standing.isActive = true
      // A suspension that had an end is over by itself.
      else if (kind === 'other') standing.isActive = endsAt !== null && endsAt <= now
      else if (kind === 'moderator') standing.isModerator = true
      else if (kind === 'ban') standing.isBanned = true
      else standing.isFollower = true
      if (kind === 'active' || kind === 'other') {
        standing.isAdmin = word === 'admin'
        standing.isVerified = tier === 1
      }
    }
    return standing
  }
}

function compose(db: Db): CompiledQuery {
  return db
    .selectFrom('entitlement')
    .select((eb) => [
      eb.cast<string>(eb.val('right'), 'text').as('kind'),
      'scope as word',
      'tier',
      'expiresAt as endsAt',
    ])
    .where('userId', '=', '$user')
    .where('scope', 'in', ['$scope', '$channelScope'])
    .unionAll(
      db
        .selectFrom('user')
        .select((eb) => [
          eb.case().when('status', '=', 'active').then('active').else('other').end().as('kind'),
          'role as word',
          'emailVerified as tier',
          'statusUntil as endsAt',
        ])
        .where('id', '=', '$user')
        .where('deletedAt', 'is', null),
    )
    .unionAll(toChannel(db, 'follow', 'follow'))
    .unionAll(toChannel(db, 'channelModerator', 'moderator'))
    .unionAll(toChannel(db, 'channelBan', 'ban'))
    .compile()
}

function toChannel(db: Db, table: 'follow' | 'channelModerator' | 'channelBan', kind: string) {
  return db
    .selectFrom(table)
    .select((eb) => [
      eb.cast<string>(eb.val(kind), 'text').as('kind'),
      'channelId as word',
      eb.lit(0).as('tier'),
      'createdAt as endsAt',
    ])
    .where('userId', '=', '$user')
    .where('channelId', '=', '$channel')
}
