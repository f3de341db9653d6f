import { z } from 'zod'
import { DomainError } from './errors.ts'

/** A page of a list and where the next one begins; `nextCursor` is null at the end. */
export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** The query of every list. The cursor is opaque to clients. */
export const PageQuery = z.strictObject({
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(24),
})

export function toCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

export function fromCursor<Place>(shape: z.ZodType<Place>, cursor: string): Place {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new DomainError('invalid', 'bad_cursor', 'This cursor does not belong to this list.')
  }
}

/** Give it one row more than the page holds: the extra row says that there is a next page. */
export function toPage<Item>(rows: Item[], limit: number, placeOf: (item: Item) => unknown): Page<Item> {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? toCursor(placeOf(items.at(-1)!)) : null }
}
