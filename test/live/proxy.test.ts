/** A real nginx with config/nginx/footlight.conf in front of a real node, as a stranger on the outside sees the two. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../helpers/certificate.ts'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { freePorts } from '../helpers/node-process.ts'
import { openStudio, readPlaylist } from '../helpers/studio.ts'

const SITE = resolve(import.meta.dirname, '../../config/nginx/footlight.conf')
const SIGN_IN = '/api/auth/sign-in/email'
/** Tries from one address in a minute. */
const ALLOWED_TRIES = 10

interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** This machine has all of 127.0.0.0/8, so a caller may come from any of it. */
  from?: string
}

describe('behind nginx', () => {
  let folder = ''
  let nginx: ChildProcess
  let said = ''
  let outside = ''
  let redirecting = ''
  let ca: Buffer
  let studio: Awaited<ReturnType<typeof openStudio>>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proxy-'))
    const certificate = makeCertificate(folder)
    ca = certificate.ca
    const [securePort, plainPort] = await freePorts(2)
    outside = `https://127.0.0.1:${securePort}`
    redirecting = `http://127.0.0.1:${plainPort}`
    studio = await openStudio({ PUBLIC_URL: outside, TRUSTED_PROXIES: '127.0.0.1', LADDER: 'source' })

    const places: [string, string][] = [
      ['listen 80;', `listen 127.0.0.1:${plainPort};`],
      ['listen 443 ssl http2;', `listen 127.0.0.1:${securePort} ssl http2;`],
      ['server 127.0.0.1:8080;', `server ${new URL(studio.node.url).host};`],
      ['/etc/letsencrypt/live/live.example.org/fullchain.pem', certificate.certFile],
      ['/etc/letsencrypt/live/live.example.org/privkey.pem', certificate.keyFile],
    ]
    let site = readFileSync(SITE, 'utf8')
    for (const [written, here] of places) {
      expect(site, `footlight.conf says ${written}`).toContain(written)
      site = site.replaceAll(written, here)
    }
    const home = join(folder, 'nginx')
    mkdirSync(home)
    const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${home}/${kind};`,
    )
    writeFileSync(
      join(home, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; daemon off; pid ${home}/pid;
       events { worker_connections 1024; } http { access_log off; ${kept.join(' ')} ${site} }`,
    )
    nginx = spawn('/usr/sbin/nginx', ['-p', home, '-c', join(home, 'nginx.conf'), '-e', 'stderr'])
    nginx.stderr!.setEncoding('utf8').on('data', (words: string) => {
      said += words
    })
    await eventually(async () => {
      if (nginx.exitCode !== null) throw new Error(`nginx ended:\n${said}`)
      return (await ask('/readyz').catch(() => null))?.status === 200
    })

    studio.pushClip(clipPath('film'))
    await studio.untilSession(({ state }) => state === 'live')
  })
  afterAll(async () => {
    nginx?.kill('SIGTERM')
    await studio?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function ask(path: string, { method = 'GET', headers = {}, body, from }: Asked = {}) {
    const url = new URL(path, outside)
    const send = url.protocol === 'https:' ? request : plainRequest
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const { promise, resolve: answered, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
    send(
      url,
      { method, ca, localAddress: from ?? '127.0.0.1', headers: { ...json, ...headers }, agent: false },
      answered,
    )
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body))
    const response = await promise
    return { status: response.statusCode!, headers: response.headers, bytes: await buffer(response) }
  }

  const play = async () => {
    const answer = await ask('/api/playback', { method: 'POST', body: { channelId: studio.channel.id } })
    const { url } = JSON.parse(answer.bytes.toString()) as { url: string }
    return url.slice(0, url.lastIndexOf('/'))
  }

  test('pages, scripts and the API come over TLS, and HTTP leads there', async () => {
    const page = await ask(`/c/${studio.channel.slug}`)
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    expect(page.headers['strict-transport-security']).toContain('max-age=')
    expect(page.bytes.toString()).toContain(`<link rel="canonical" href="${outside}/c/${studio.channel.slug}" />`)
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.bytes.toString())![1]!
    expect((await ask(script)).headers['cache-control']).toContain('immutable')
    expect((await ask('/api/channels')).status).toBe(200)
    expect((await ask('/metrics')).status).toBe(404)
    const plain = await ask(`${redirecting}/c/x`)
    expect([plain.status, plain.headers.location]).toEqual([301, 'https://127.0.0.1/c/x'])
  })

  test('a browser signs in with a cookie for TLS alone, which no page of a stranger can use', async () => {
    const body = { email: 'owner@example.org', password: 'a long enough one' }
    const signedIn = await ask(SIGN_IN, { method: 'POST', body, headers: { origin: outside } })
    expect(signedIn.status).toBe(200)
    const [setCookie = ''] = signedIn.headers['set-cookie'] ?? []
    expect(setCookie).toMatch(/^__Secure-footlight_sign_in=.*; HttpOnly; Secure; SameSite=Lax$/)
    const cookie = setCookie.split(';')[0]!
    const rename = (origin: string) =>
      ask(`/api/channels/${studio.channel.id}`, {
        method: 'PATCH',
        body: { name: 'Mine' },
        headers: { cookie, origin },
      })
    expect((await rename('https://stranger.example')).status).toBe(403)
    expect((await rename(outside)).status).toBe(200)
  })

  test('a socket is a WebSocket from its first word, and is told of the session', async () => {
    const socket = io(outside, { transports: ['websocket'], ca: ca.toString(), reconnection: false })
    const { promise: told, resolve: tell, reject } = Promise.withResolvers<{ state: string }>()
    socket.on('connect_error', reject)
    socket.on('session', tell)
    socket.emit('watch', { channelId: studio.channel.id })
    expect((await told).state).toBe('live')
    socket.close()
  })

  test('a playlist is held back until its next part is there', async () => {
    const playlists = await play()
    for (let reloads = 0; reloads < 5; reloads++) {
      const { segments, text: now } = readPlaylist((await ask(`${playlists}/source.m3u8`)).bytes.toString())
      const next = segments.at(-1)!.msn + 1
      expect(now).not.toContain(`source/${next}.m4s`)
      const later = await ask(`${playlists}/source.m3u8?_HLS_msn=${next}`)
      expect(later.status).toBe(200)
      expect(readPlaylist(later.bytes.toString()).segments.at(-1)!.msn).toBeGreaterThanOrEqual(next)
    }
  })

  test('big segments arrive whole, many at once, over HTTP/2 as well', async () => {
    const playlists = await play()
    const list = await eventually(async () => {
      const seen = readPlaylist((await ask(`${playlists}/source.m3u8`)).bytes.toString())
      return seen.segments.filter(({ isGap }) => !isGap).length >= 4 ? seen : null
    })
    const uris = list.segments.filter(({ isGap }) => !isGap).map(({ uri }) => `${playlists}/${uri}`)
    const straight = await Promise.all(
      uris.map(async (uri) => Buffer.from(await (await fetch(studio.node.url + uri)).arrayBuffer())),
    )
    expect(Math.max(...straight.map(({ length }) => length))).toBeGreaterThan(400_000)
    const through = await Promise.all(uris.map((uri) => ask(uri)))
    expect(through.map(({ bytes }, n) => bytes.equals(straight[n]!))).toEqual(uris.map(() => true))

    const session = connect(outside, { ca })
    const streams = await Promise.all(uris.map((uri) => buffer(session.request({ ':path': uri }))))
    session.close()
    expect(streams.map((bytes, n) => bytes.equals(straight[n]!))).toEqual(uris.map(() => true))
    expect(said).not.toMatch(/\[(warn|error|crit)\]/)
  })

  test('the address is believed from the proxy, and from nobody else', async () => {
    const tries = async (count: number, where: string, from: string, forge = false) => {
      const statuses: number[] = []
      for (let n = 0; n < count; n++) {
        const headers: Record<string, string> = forge ? { 'x-forwarded-for': `198.51.100.${n}` } : {}
        // One account is guessed at less often than one address may guess.
        const body = { email: `nobody-${from}@example.org`, password: 'a guess' }
        statuses.push((await ask(where + SIGN_IN, { method: 'POST', body, from, headers })).status)
      }
      return statuses
    }
    const refusedAtLast = [...Array<number>(ALLOWED_TRIES).fill(401), 429]
    expect(await tries(ALLOWED_TRIES + 1, outside, '127.0.0.3')).toEqual(refusedAtLast)
    expect(await tries(1, outside, '127.0.0.4'), 'another viewer behind the same proxy').toEqual([401])
    expect(await tries(ALLOWED_TRIES + 1, outside, '127.0.0.5', true), 'forged, through it').toEqual(refusedAtLast)
    expect(await tries(ALLOWED_TRIES + 1, studio.node.url, '127.0.0.6', true), 'forged, past it').toEqual(refusedAtLast)
  })
})
