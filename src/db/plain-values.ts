import { type KyselyPlugin, OperationNodeTransformer, type PrimitiveValueListNode, type ValueNode } from 'kysely'

/**
 * The auth library speaks dates and booleans; our tables hold integers, on either database. This sits between the two:
 * what goes in becomes a number, and moments (`…_at`, `…_until`) and yes/no columns come out as what
 * the library expects.
 */
export function plainValues(): KyselyPlugin {
  const transformer = new ToPlainValues()
  return {
    transformQuery: ({ node }) => transformer.transformNode(node),
    transformResult: async ({ result }) => ({ ...result, rows: result.rows.map(revive) }),
  }
}

class ToPlainValues extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return { ...node, value: plain(node.value) }
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...node, values: node.values.map(plain) }
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  return value
}

function revive(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (typeof value !== 'number') return [column, value]
      if (/_(at|until)$/.test(column)) return [column, new Date(value)]
      return [column, /_(verified|enabled)$|^backed_up$/.test(column) ? value === 1 : value]
    }),
  )
}
