import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type FixtureName, makeFixture } from '../../scripts/make-fixtures.ts'

const SHARED = resolve(import.meta.dirname, '../../../shared/clips')

/** Real material where the machine has it, and what is nearest to it among the clips FFmpeg can make. */
const REAL = {
  film: ['tears-of-steel-battle-720p-50s.mp4', 'hd-720'],
  animation: ['bbb-480p-30s.mp4', 'fps-24'],
  flower: ['mdn-flower-cc0.mp4', 'fps-29.97'],
  silent: ['intel-one-by-one-person-detection.mp4', 'no-sound'],
  phone: ['phone-rotated-720p-2s.mp4', 'variable-rate'],
} as const satisfies Record<string, readonly [string, FixtureName]>

/** The path of a clip to publish: one of the real ones, or one of each kind a broadcaster may send. */
export function clipPath(name: keyof typeof REAL | FixtureName): string {
  if (!(name in REAL)) return makeFixture(name as FixtureName)
  const [file, otherwise] = REAL[name as keyof typeof REAL]
  const path = resolve(SHARED, file)
  return existsSync(path) ? path : makeFixture(otherwise)
}
