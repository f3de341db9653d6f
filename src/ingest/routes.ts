import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  conflict,
  createRouter,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import type { StreamKey, StreamKeys } from './stream-keys.ts'

const ChannelPath = z.strictObject({ id: z.string().min(1).max(64) })
const KeyPath = ChannelPath.extend({ keyId: z.string().min(1).max(64) })
const NewStreamKey = z.strictObject({ label: z.string().trim().min(1).max(60) })

const StreamKeyView = z
  .object({
    id: z.string(),
    channelId: z.string(),
    label: z.string(),
    publicId: z.string().openapi({ description: 'The half before the underscore: tells keys apart, opens nothing.' }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi('StreamKey')
const ShownStreamKey = StreamKeyView.extend({
  streamKey: z.string().openapi({ description: 'What to paste into the encoder. Shown this once.' }),
}).openapi('ShownStreamKey')

const common = { tags: ['stream keys'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }

const listRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/stream-keys',
  summary: 'The keys of a channel, without their secrets',
  request: { params: ChannelPath },
  responses: { 200: answer('The keys', z.object({ streamKeys: z.array(StreamKeyView) })), ...answers },
})

const createKeyRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/stream-keys',
  summary: 'A new key; the only answer that carries its secret',
  request: { params: ChannelPath, body: json(NewStreamKey) },
  responses: { 201: answer('The key, with its secret', ShownStreamKey), ...conflict, ...answers },
})

const rotateRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/stream-keys/{keyId}/rotate',
  summary: 'A new secret for this key; the old one ends at once',
  request: { params: KeyPath },
  responses: { 200: answer('The key, with its new secret', ShownStreamKey), ...answers },
})

const revokeRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/channels/{id}/stream-keys/{keyId}',
  summary: 'End this key, and what publishes with it',
  request: { params: KeyPath },
  responses: { 204: { description: 'Revoked' }, ...answers },
})

export function streamKeyRoutes({ streamKeys }: { streamKeys: StreamKeys }) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const keys = await streamKeys.list(requireUser(c), c.req.valid('param').id)
      return c.json({ streamKeys: keys.map(view) }, 200)
    })

    .openapi(createKeyRoute, async (c) => {
      const { label } = c.req.valid('json')
      const { streamKey, ...key } = await streamKeys.create(requireUser(c), c.req.valid('param').id, label)
      return c.json({ ...view(key), streamKey }, 201)
    })

    .openapi(rotateRoute, async (c) => {
      const { id, keyId } = c.req.valid('param')
      const { streamKey, ...key } = await streamKeys.rotate(requireUser(c), id, keyId)
      return c.json({ ...view(key), streamKey }, 200)
    })

    .openapi(revokeRoute, async (c) => {
      const { id, keyId } = c.req.valid('param')
      await streamKeys.revoke(requireUser(c), id, keyId)
      return c.body(null, 204)
    })
}

const NodeView = z
  .object({
    rtmpUrl: z
      .string()
      .openapi({ example: 'rtmp://live.example.org/live', description: "The encoder's field “server”." }),
    rtmpsUrl: z.string().nullable(),
    version: z.string(),
    signUp: z.enum(['open', 'invitation', 'closed']),
  })
  .openapi('Node')

const nodeRoute = createRoute({
  method: 'get',
  path: '/node',
  tags: ['node'],
  summary: 'Where to publish, and what runs here',
  responses: { 200: answer('This node', NodeView), ...refusals },
})

interface NodeDeps {
  /** The name of this machine as its operator gave it; `localhost` where nobody did. */
  hostname: string
  ports(): { rtmp: number; rtmps: number | null }
  about: { version: string; signUp: 'open' | 'invitation' | 'closed' }
}

export function nodeRoutes({ hostname, ports, about }: NodeDeps) {
  return createRouter().openapi(nodeRoute, (c) => {
    const host = hostname === 'localhost' ? new URL(c.req.url).hostname : hostname
    const { rtmp, rtmps } = ports()
    const rtmpUrl = `rtmp://${host}${rtmp === RTMP_DEFAULT_PORT ? '' : `:${rtmp}`}/live`
    return c.json({ rtmpUrl, rtmpsUrl: rtmps === null ? null : `rtmps://${host}:${rtmps}/live`, ...about }, 200)
  })
}

const RTMP_DEFAULT_PORT = 1935

function view(key: StreamKey) {
  return {
    ...key,
    createdAt: new Date(key.createdAt).toISOString(),
    lastUsedAt: key.lastUsedAt === null ? null : new Date(key.lastUsedAt).toISOString(),
  }
}
