/** What a process has used, from /proc: the kernel's own books, the same for ours and for others'. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Seconds of processor time, user and system, of one process and its threads (proc(5), stat fields 14 and 15). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the command in brackets and may hold anything, spaces and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory, bytes. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1024
}

/** The processes a process has started, and theirs. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const children = new Map<number, { pid: number; command: string }[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      children.set(parent, [...(children.get(parent) ?? []), { pid: Number(entry), command }])
    } catch {
      // It ended while we looked.
    }
  }
  const below = (of: number): { pid: number; command: string }[] =>
    (children.get(of) ?? []).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
}

/** The share of one core several processes take together while something runs, e.g. 0.05. */
export async function shareOfCore(pids: number[], run: () => Promise<unknown>): Promise<number> {
  const sum = () => pids.reduce((total, pid) => total + cpuSeconds(pid), 0)
  const before = sum()
  const start = performance.now()
  await run()
  return (sum() - before) / ((performance.now() - start) / 1000)
}

/** How busy the whole machine is while something runs, 0 to 1: every figure is worth only as much as this allows. */
export async function machineLoad(run: () => Promise<unknown>): Promise<number> {
  const read = () => {
    const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/)
    const times = fields.map(Number)
    const idle = times[3]! + times[4]!
    return { idle, all: times.slice(0, 8).reduce((sum, time) => sum + time, 0) }
  }
  const before = read()
  await run()
  const after = read()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}
