/**
 * Answers media requests on the raw server, before any framework sees them: token looked up in memory, bytes from memory,
 * out. `/hls/<token>/<session>/…`:
 *   main.m3u8               the renditions                     (`?dvr`: with the whole rewind window)
 *   <rendition>.m3u8        its segments and parts; `_HLS_msn`, `_HLS_part`, `_HLS_skip` as in RFC 8216bis section 6.2.5
 *   <rendition>/init-N.mp4  <rendition>/pN.m4s (a part)        <rendition>/N.m4s (a segment)
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../platform/clock.ts'
import { parseRange } from './byte-range.ts'
import { type Body, type createPlaylists, isWithin, type Rendered } from './playlists.ts'
import type { Stream } from './stream.ts'
import type { Waiter } from './waiters.ts'
import type { Window } from './window.ts'

export interface Authorized {
  isAllowed: boolean
  /** The greatest height, as the shorter side of a picture; null or absent for no limit. */
  maxHeight?: number | null
  /** 403 for a token that is known but not good any more, 404 for one that is not known. */
  status?: 403 | 404
  reason?: string
}

/** A request as it came, and the file it is for. */
export interface Asked {
  request: IncomingMessage
  file: string
}

export interface DeliveryOptions {
  clock: Clock
  /**
   * Asked at each request, and again (without `asked`) when one that waited is answered. Marks the viewer as watching. A
   * promise where it has to be decided anew: that request waits for it.
   */
  authorize(token: string, sessionId: string, asked?: Asked): Authorized | Promise<Authorized>
  find(sessionId: string): { stream: Stream; playlists: ReturnType<typeof createPlaylists> } | null
  /** `seconds` from when it could be answered: waiting for a part is not counted. */
  onServed?(kind: 'playlist' | 'media', bytes: number, seconds: number): void
  /** An answer that failed; its connection is cut. */
  onFailed(error: unknown): void
}

interface Call {
  request: IncomingMessage
  response: ServerResponse
  token: string
  maxHeight: number | null
  stream: Stream
  file: string
  query: URLSearchParams | null
  /** When it could be answered, by performance.now(). */
  since: number
}

const PATH = /^\/hls\/([\w-]{1,600})\/([\w-]{1,64})\/([\w.-]{1,64}(?:\/[\w.-]{1,64})?)(?:\?(.{0,1000}))?$/
const PLAYLIST = /^([\w-]+)\.m3u8$/
const MEDIA = /^([\w-]+)\/(?:init-(\d{1,9})\.mp4|(p?)(\d{1,9})\.m4s)$/
const NUMBER = /^\d{1,9}$/

const KEEP = 'public, max-age=86400, immutable'
// Node checks each header of each answer, so there are no more of them than somebody reads.
const COMMON = ['Access-Control-Allow-Origin', '*', 'X-Content-Type-Options', 'nosniff']

export function createDelivery({ clock, authorize, find, onServed, onFailed }: DeliveryOptions) {
  return function deliver(request: IncomingMessage, response: ServerResponse): void {
    const { method } = request
    if (method === 'OPTIONS') return preflight(response)
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'Media can only be read.')
    const match = PATH.exec(request.url ?? '')
    if (!match) return refuse(response, 404, 'There is no such media address.')
    const allowed = authorize(match[1]!, match[2]!, { request, file: match[3]! })
    if (allowed instanceof Promise) {
      return void allowed.then((decided) => serve(request, response, match, decided)).catch((e) => fail(response, e))
    }
    serve(request, response, match, allowed)
  }

  function serve(
    request: IncomingMessage,
    response: ServerResponse,
    match: RegExpExecArray,
    allowed: Authorized,
  ): void {
    if (!allowed.isAllowed) return refuseViewer(response, allowed)
    const sessionId = match[2]!
    const query = match[4]
    const found = find(sessionId)
    if (!found) return refuse(response, 410, 'This broadcast is over and is no longer kept.')
    if (!found.stream.isPlayable) return refuse(response, 404, 'This broadcast has not begun yet.')
    const call = {
      request,
      response,
      token: match[1]!,
      maxHeight: allowed.maxHeight ?? null,
      stream: found.stream,
      file: match[3]!,
      query: query === undefined ? null : new URLSearchParams(query),
      since: performance.now(),
    }
    try {
      route(call, found.playlists)
    } catch (error) {
      fail(response, error)
    }
  }

  /** Goes on only while the viewer may still watch: rights may have gone since the request was let in. */
  function ifStillAllowed(call: Call, goOn: () => void): void {
    const { response, token, stream } = call
    const answer = (allowed: Authorized) => {
      if (response.destroyed) return
      if (!allowed.isAllowed) return refuseViewer(response, allowed)
      call.maxHeight = allowed.maxHeight ?? null
      if (isTooHigh(call)) return refuse(response, 403, TOO_HIGH)
      goOn()
    }
    try {
      const allowed = authorize(token, stream.sessionId)
      if (allowed instanceof Promise) allowed.then(answer).catch((error: unknown) => fail(response, error))
      else answer(allowed)
    } catch (error) {
      fail(response, error)
    }
  }

  function fail(response: ServerResponse, error: unknown): void {
    onFailed(error)
    response.destroy()
  }

  function route(call: Call, playlists: ReturnType<typeof createPlaylists>): void {
    const playlist = PLAYLIST.exec(call.file)
    if (playlist?.[1] === 'main') {
      const isDvr = call.query?.has('dvr') ?? false
      return sendPlaylist(call, playlists.ofAll(isDvr, clock.now(), call.maxHeight), 'no-cache')
    }
    const media = MEDIA.exec(call.file)
    const window = call.stream.windows.get(playlist?.[1] ?? media?.[1] ?? '')
    if (!window) return refuse(call.response, 404, 'This broadcast has no such rendition.')
    if (call.maxHeight !== null && isTooHigh(call)) return refuse(call.response, 403, TOO_HIGH)
    if (playlist) return mediaPlaylist(call, window, playlists)
    const [, , init, isPart, number] = media!
    if (init) return sendInit(call, window, Number(init))
    return isPart ? part(call, window, Number(number)) : segment(call, window, Number(number))
  }

  // RFC 8216bis section 6.2.5: what the directives ask for, and what they may not.
  function mediaPlaylist(call: Call, window: Window, playlists: ReturnType<typeof createPlaylists>): void {
    const { query, stream, response } = call
    if (!query) return sendPlaylist(call, playlists.ofRendition(window, { isDvr: false, isDelta: false }), 'no-cache')
    const msnText = query.get('_HLS_msn')
    const partText = query.get('_HLS_part')
    const skip = query.get('_HLS_skip')
    if (skip !== null && skip !== 'YES' && skip !== 'v2') return refuse(response, 400, '_HLS_skip is YES or v2.')
    const wanted = { isDvr: query.has('dvr'), isDelta: skip !== null }
    const reply = (cache: string) => sendPlaylist(call, playlists.ofRendition(window, wanted), cache)
    if (msnText === null) {
      if (partText !== null) return refuse(response, 400, '_HLS_part needs _HLS_msn.')
      return reply('no-cache')
    }
    if (!NUMBER.test(msnText) || (partText !== null && !NUMBER.test(partText))) {
      return refuse(response, 400, '_HLS_msn and _HLS_part are whole numbers.')
    }
    const msn = Number(msnText)
    const partIndex = partText === null ? null : Number(partText)
    const newest = window.segments.at(-1)?.msn ?? 0
    if (msn > newest + 2 || (partIndex ?? 0) > 1_000) return refuse(response, 400, 'That is too far in the future.')
    const target = stream.targetDuration!
    // A blocked answer stays true; a cache may keep it for six target durations (section 6.2.5.2, appendix B.1).
    const cache = `public, max-age=${target * 6}`
    if (window.has(msn, partIndex)) return reply(cache)
    hold(
      call,
      window,
      () => window.has(msn, partIndex),
      (isThere) =>
        isThere
          ? reply(cache)
          : refuse(response, 503, 'The broadcast has not come that far.', ['Retry-After', String(target)]),
    )
  }

  /** Holds a request, never longer than three target durations; a viewer who leaves or loses the right is dropped. */
  function hold(call: Call, window: Window, isReady: () => boolean, answer: (isThere: boolean) => void): void {
    const { response, stream } = call
    const waiter: Waiter = {
      deadline: clock.now() + stream.targetDuration! * 3_000,
      isReady,
      // A failure here is this viewer's alone: whoever calls is handing the new part to the others.
      resume(isThere) {
        response.off('close', leave)
        if (response.destroyed) return
        call.since = performance.now()
        ifStillAllowed(call, () => answer(isThere))
      },
      isLost() {
        const allowed = authorize(call.token, stream.sessionId)
        return !(allowed instanceof Promise) && !allowed.isAllowed
      },
    }
    const leave = () => window.waiters.forget(waiter)
    response.on('close', leave)
    window.waiters.add(waiter)
  }

  function part(call: Call, window: Window, sequence: number): void {
    const found = window.findPart(sequence)
    if (found?.bytes) return sendMedia(call, found.bytes, `"${window.id}-p${sequence}"`)
    if (found || sequence < window.nextPart) return refuse(call.response, 404, 'That part is a gap, or no longer kept.')
    if (sequence > window.nextPart || window.isEnded) return refuse(call.response, 404, 'There is no such part yet.')
    // The hinted part: answered the moment it exists (section 6.2.6).
    hold(
      call,
      window,
      () => window.nextPart > sequence,
      (isThere) =>
        isThere && window.findPart(sequence)
          ? part(call, window, sequence)
          : refuse(call.response, 404, 'That part did not come.'),
    )
  }

  function segment(call: Call, window: Window, msn: number): void {
    const found = window.find(msn)
    if (!found?.isComplete) {
      return msn < (window.segments[0]?.msn ?? 0)
        ? refuse(call.response, 410, 'That is longer ago than one may rewind.')
        : refuse(call.response, 404, 'There is no such segment yet.')
    }
    if (found.isGap) return refuse(call.response, 404, 'Nothing came at that time.')
    const etag = `"${window.id}-${msn}"`
    if (found.bytes) return sendMedia(call, found.bytes, etag)
    call.stream.readStored(found).then(
      (bytes) => ifStillAllowed(call, () => sendMedia(call, bytes, etag)),
      () => refuse(call.response, 404, 'That segment can no longer be read.'),
    )
  }

  function sendInit(call: Call, window: Window, index: number): void {
    const init = window.inits[index]
    if (!init) return refuse(call.response, 404, 'There is no such init section.')
    sendMedia(call, init, `"${window.id}-init-${index}"`)
  }

  function sendPlaylist(call: Call, rendered: Rendered, cache: string): void {
    const isGzip = /\bgzip\b/.test(call.request.headers['accept-encoding'] ?? '')
    const body = isGzip ? rendered.gzipped() : rendered.plain
    const headers = [
      ...COMMON,
      'Content-Type',
      'application/vnd.apple.mpegurl',
      'Cache-Control',
      cache,
      'Vary',
      'Accept-Encoding',
      'Content-Length',
      String(body.length),
    ]
    if (isGzip) headers.push('Content-Encoding', 'gzip')
    send(call, 200, headers, body)
    onServed?.('playlist', body.length, tookSince(call.since))
  }

  function sendMedia(call: Call, bytes: Buffer, etag: string): void {
    const { 'if-none-match': known, range: wanted } = call.request.headers
    const headers = [
      ...COMMON,
      'Content-Type',
      'video/mp4',
      'Cache-Control',
      KEEP,
      'ETag',
      etag,
      'Accept-Ranges',
      'bytes',
    ]
    if (known === etag) return send(call, 304, headers, NOTHING)
    const range = parseRange(wanted, bytes.length)
    if (range) headers.push('Access-Control-Expose-Headers', 'Content-Range, ETag')
    if (range === 'unsatisfiable') {
      return send(call, 416, [...headers, 'Content-Range', `bytes */${bytes.length}`, 'Content-Length', '0'], NOTHING)
    }
    const body = range ? bytes.subarray(range.start, range.end + 1) : bytes
    headers.push('Content-Length', String(body.length))
    if (range) headers.push('Content-Range', `bytes ${range.start}-${range.end}/${bytes.length}`)
    send(call, range ? 206 : 200, headers, body)
    onServed?.('media', body.length, tookSince(call.since))
  }
}

const NOTHING = Buffer.alloc(0)
const TOO_HIGH = 'This quality is not part of what you may watch.'

/** Whether the rendition asked for is higher than this viewer may watch. */
function isTooHigh({ file, stream, maxHeight }: Call): boolean {
  const id = PLAYLIST.exec(file)?.[1] ?? MEDIA.exec(file)?.[1] ?? ''
  return !isWithin(stream.attributes.get(id), maxHeight)
}

function refuseViewer(response: ServerResponse, { status, reason }: Authorized): void {
  refuse(response, status ?? 403, reason ?? 'You may not watch this.')
}

/** Seconds. */
const tookSince = (since: number) => (performance.now() - since) / 1000

function send({ request, response }: Call, status: number, headers: string[], body: Body): void {
  response.writeHead(status, headers)
  if (request.method === 'HEAD' || body.length === 0) response.end()
  else response.end(body, 'latin1')
}

function refuse(response: ServerResponse, status: number, message: string, more: string[] = []): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(`${message}\n`)
  const headers = [...COMMON, 'Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store', ...more]
  response.writeHead(status, [...headers, 'Content-Length', String(body.length)])
  response.end(body)
}

function preflight(response: ServerResponse): void {
  const allowed = [
    'Access-Control-Allow-Methods',
    'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers',
    'Range, If-None-Match',
  ]
  response.writeHead(204, [...COMMON, ...allowed, 'Access-Control-Max-Age', '86400'])
  response.end()
}
