import type { Db } from '../db/db.ts'

export type Settings = ReturnType<typeof createSettings>

/** The few words this room keeps between runs of the node. */
export function createSettings(db: Db) {
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

  return { get, set, getOrMake }
}
