import { readdirSync, readFileSync } from 'node:fs'

/** The encoder of the node with this home, by the socket it reads from. */
export function encoderOf(home: string): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      if (words[0]?.endsWith('ffmpeg') && words.some((word) => word.startsWith('unix:') && word.includes(home)))
        return Number(name)
    } catch {
      // It ended while we looked.
    }
  }
  return null
}
