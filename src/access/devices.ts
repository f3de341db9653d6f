/**
 * How many devices of one account watch at once, counted over everything that is not open to all. A device is a browser
 * (by its cookie); a player without one counts by its viewing. One that is silent does not count, and claims its place
 * anew when it comes back.
 */
import type { Clock } from '../platform/clock.ts'
import { IDLE_MS, type Playback, type Viewing } from './playback.ts'
import type { Reason } from './policy.ts'

export interface DeviceSettings {
  /** Devices at once per account. */
  devices: number
  /** Who gives way when there is one too many: the oldest, or the one that comes. */
  onDeviceLimit: 'newest' | 'refuse'
}

export interface Device {
  id: string
  /** The sessions it has open. */
  sessionIds: string[]
  beganAt: number
  seenAt: number
}

interface DevicesOptions {
  config: DeviceSettings
  playback: Pick<Playback, 'ofUser'>
  clock: Clock
  /** Ends viewings, for good. */
  end(viewings: Viewing[], reason: Reason): Promise<void>
}

type Opening = Pick<Viewing, 'userId' | 'deviceId' | 'viewingId'>

const deviceOf = ({ deviceId, viewingId }: Pick<Viewing, 'deviceId' | 'viewingId'>) => deviceId ?? viewingId

export function createDevices({ config, playback, clock, end }: DevicesOptions) {
  /** The account's other devices that are watching and counted, the oldest first. */
  function others(opening: Opening): Viewing[][] {
    if (opening.userId === null) return []
    const now = clock.now()
    const found = new Map<string, Viewing[]>()
    for (const viewing of playback.ofUser(opening.userId)) {
      const device = deviceOf(viewing)
      if (viewing.devices === null || now - viewing.seenAt > IDLE_MS || device === deviceOf(opening)) continue
      found.set(device, [...(found.get(device) ?? []), viewing])
    }
    const oldest = (viewings: Viewing[]) => Math.min(...viewings.map(({ beganAt }) => beganAt))
    return [...found.values()].sort((a, b) => oldest(a) - oldest(b))
  }

  /** Whether one more device may open something; `limit` null where devices are not counted. */
  function mayOpen(opening: Opening, limit: number | null): boolean {
    return limit === null || config.onDeviceLimit === 'newest' || others(opening).length < limit
  }

  /** Takes a place for this viewing's device, from the oldest others where there is none; false where that is refused. */
  function claim(viewing: Viewing): boolean {
    if (viewing.devices === null) return true
    const present = others(viewing)
    const tooMany = present.length - viewing.devices + 1
    if (tooMany <= 0) return true
    if (config.onDeviceLimit === 'newest') void end(present.slice(0, tooMany).flat(), 'device_limit')
    else void end([viewing], 'device_limit')
    return viewing.closed === null
  }

  /** What an account is watching on, the newest first. */
  function list(userId: string): Device[] {
    const found = new Map<string, Device>()
    for (const viewing of playback.ofUser(userId)) {
      if (clock.now() - viewing.seenAt > IDLE_MS) continue
      const id = deviceOf(viewing)
      const known = found.get(id) ?? { id, sessionIds: [], beganAt: viewing.beganAt, seenAt: viewing.seenAt }
      known.sessionIds = [...new Set([...known.sessionIds, viewing.sessionId])]
      known.beganAt = Math.min(known.beganAt, viewing.beganAt)
      known.seenAt = Math.max(known.seenAt, viewing.seenAt)
      found.set(id, known)
    }
    return [...found.values()].sort((a, b) => b.beganAt - a.beganAt)
  }

  /** Ends what an account has open on one device, or on all but one. False when there was nothing. */
  async function endOn(userId: string, which: { only: string } | { allBut: string | null }): Promise<boolean> {
    const chosen = playback
      .ofUser(userId)
      .filter((viewing) => ('only' in which ? deviceOf(viewing) === which.only : deviceOf(viewing) !== which.allBut))
    await end(chosen, 'device_ended')
    return chosen.length > 0
  }

  return { mayOpen, claim, list, endOn }
}
