import type { Db } from '../db/db.ts'
import type { Seal } from '../platform/seal.ts'
import type { Secret } from '../platform/secret.ts'

export type Settings = ReturnType<typeof createSettings>

/** The few words this room keeps between runs of the node. */
export function createSettings(db: Db, seal: Seal) {
  async function get(key: string): Promise<string | null> {
    const row = await db.selectFrom('moneySetting').select('value').where('key', '=', key).executeTakeFirst()
    return row?.value ?? null
  }

  async function set(key: string, value: string): Promise<void> {
    await db
      .insertInto('moneySetting')
      .values({ key, value })
      .onConflict((oc) => oc.column('key').doUpdateSet({ value }))
      .execute()
  }

  /** Two that ask at once are given the same. */
  async function getOrMake(key: string, make: () => string): Promise<string> {
    await db
      .insertInto('moneySetting')
      .values({ key, value: make() })
      .onConflict((oc) => oc.doNothing())
      .execute()
    return (await get(key))!
  }

  /** Null also where another node's secret sealed it. */
  async function getSecret(key: string): Promise<Secret | null> {
    const sealed = await get(key)
    return sealed === null ? null : seal.open(sealed)
  }

  const setSecret = (key: string, value: Secret) => set(key, seal.seal(value))

  return { getOrMake, getSecret, setSecret }
}
