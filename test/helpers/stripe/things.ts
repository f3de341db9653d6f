import type { FakeClock } from '../clock.ts'
import type { Form } from './parameters.ts'
import type { Requests } from './requests.ts'

export type Thing = Record<string, unknown> & { id: string }
/** The id in the path, what came with the call, and the connected account in whose name it is. */
export type Route = (id: string, form: Form, account: string | null) => unknown
/** A call without a type of the library's own is none. */
export type Call = keyof Requests
export type Routes = Partial<Record<Call, Route>>
export type Things = ReturnType<typeof createThings>

/** What a Stripe keeps: objects by id, in the order they were made. */
export function createThings(clock: FakeClock) {
  const things = new Map<string, Thing>()
  let count = 0
  const now = () => Math.floor(clock.now() / 1_000)
  const get = (id: string): Thing => {
    const thing = things.get(id)
    if (!thing) throw new Refusal(404, 'resource_missing', `No such object: ${id}`)
    return thing
  }
  return {
    now,
    get,
    has: (id: string) => things.has(id),
    make(prefix: string, fields: Record<string, unknown>): Thing {
      const thing = { id: `${prefix}_${++count}`, created: now(), ...fields }
      things.set(thing.id, thing)
      return thing
    },
    all: (prefix: string) => [...things.values()].filter(({ id }) => id.startsWith(`${prefix}_`)),
    /** A thing whose id the caller chose. */
    unique(form: Form): Thing {
      const id = String(form.id)
      if (things.has(id)) throw new Refusal(400, 'resource_already_exists', `${id} is there already`)
      const thing = { ...form, id }
      things.set(id, thing)
      return thing
    },
    remove(id: string) {
      get(id)
      things.delete(id)
      return { id, deleted: true }
    },
  }
}

export const list = (data: unknown[]) => ({ object: 'list', data, has_more: false, url: '/' })

export function sumOf(things: Thing[]): number {
  return things.reduce((sum, { amount }) => sum + Number(amount), 0)
}

export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
