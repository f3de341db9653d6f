/** The API's own description, as something to walk: every operation, with a body that fits it. */
import { z } from 'zod'

const Schema = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof Schema>

const Operation = z.object({
  summary: z.string(),
  tags: z.array(z.string()).default([]),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
})
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
})

export interface Route {
  /** `DELETE /api/channels/{id}`. */
  name: string
  method: string
  path: string
  /** Nobody needs to be signed in. */
  isOpen: boolean
  isForAdmins: boolean
  query: string[]
  /** A body that fits; undefined where there is none. */
  body: unknown
}

export function readDocument(text: string): Route[] {
  const { paths, components } = Document.parse(JSON.parse(text))
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, { summary, tags, security, parameters, requestBody }]) => {
      const method = verb.toUpperCase()
      const schema = requestBody?.content['application/json']?.schema
      return {
        name: `${method} ${path}`,
        method,
        path,
        isOpen: security === undefined || security.some((way) => Object.keys(way).length === 0),
        isForAdmins: tags.includes('operator') || /for admins/i.test(summary),
        query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
        body: schema && sampleOf(schema, components.schemas),
      }
    }),
  )
}

/** Something that fits a schema: what is required, and no more. */
function sampleOf(given: Schema, named: Record<string, Schema>): unknown {
  const schema = resolve(given, named)
  if ('example' in schema) return schema.example
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if ('const' in schema) return schema.const
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'object') return objectOf(schema, named)
  if (type === 'array') {
    const items = Schema.parse(schema.items)
    return Array.from({ length: Number(schema.minItems ?? 0) }, () => sampleOf(items, named))
  }
  if (type === 'integer' || type === 'number') return Number(schema.minimum ?? 1)
  if (type === 'boolean') return false
  return textOf(schema)
}

function resolve(schema: Schema, named: Record<string, Schema>): Schema {
  if (typeof schema.$ref === 'string') return resolve(named[schema.$ref.split('/').at(-1)!]!, named)
  const choices = schema.anyOf ?? schema.oneOf
  return Array.isArray(choices) ? resolve(Schema.parse(choices[0]), named) : schema
}

function objectOf(schema: Schema, named: Record<string, Schema>): unknown {
  const properties = z.record(z.string(), Schema).catch({}).parse(schema.properties)
  const required = z.array(z.string()).catch([]).parse(schema.required)
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name]!, named)]))
}

function textOf({ format, pattern, minLength = 0, maxLength = 1_000 }: Schema): string {
  if (format === 'email') return 'walk@example.org'
  if (format === 'date-time') return new Date(Date.now() + 3_600_000).toISOString()
  const long = 'walk'.padEnd(Number(minLength), 'x').slice(0, Number(maxLength))
  if (typeof pattern !== 'string') return long
  return [long, 'WALK', 'EUR', '/'].find((word) => new RegExp(pattern).test(word)) ?? long
}
