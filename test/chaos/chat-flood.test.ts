/** Five thousand messages a second from hostile sockets: the show goes on, and moderators are heard. */
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApi } from '../../scripts/node-client.ts'
import { broadcast } from '../helpers/broadcaster.ts'
import { eventually } from '../helpers/eventually.ts'
import { startNodeProcess } from '../helpers/node-process.ts'

const OWNER = { OWNER_EMAIL: 'olga@example.org', OWNER_PASSWORD: 'a long enough one' }
const SOCKETS = 50
const EVERY_MS = 20
const AT_ONCE = 2

/** Sockets that write as fast as they can, and come back whenever they are thrown out. */
function flood(url: string, channel: string) {
  let sent = 0
  let thrownOut = 0
  let isOver = false
  const words = `42["chat.write",${JSON.stringify({ channel, text: 'buy this', key: 'the same key' })}]`
  function open(): void {
    if (isOver) return
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    const timer = setInterval(() => {
      if (isOver) return socket.terminate()
      if (socket.readyState !== WebSocket.OPEN) return
      for (let i = 0; i < AT_ONCE; i++) socket.send(words)
      sent += AT_ONCE
    }, EVERY_MS)
    socket.on('open', () => socket.send('40'))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(timer)
      thrownOut++
      open()
    })
  }
  for (let i = 0; i < SOCKETS; i++) open()
  return {
    sent: () => sent,
    thrownOut: () => thrownOut,
    stop: () => {
      isOver = true
    },
  }
}

test('a flood of messages stops neither the parts of the show nor a moderator', async () => {
  const node = await startNodeProcess({ env: OWNER })
  onTestFinished(() => node.stop())
  const api = createApi(node.url)
  await api.signIn(OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD)
  const channel = await api.ownChannel()
  const broadcaster = broadcast(`${node.rtmpUrl}/${await api.createStreamKey(channel.id)}`, { seconds: 120 })
  onTestFinished(() => broadcaster.stop())
  const { url } = await eventually(() => api.play(channel.id).catch(() => null))
  const folder = node.url + url.slice(0, url.lastIndexOf('/'))
  const newest = async () => {
    const text = await (await fetch(`${folder}/source.m3u8`)).text()
    return Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0) + text.split('#EXTINF').length
  }

  const reader = connect(node.url, { transports: ['websocket'] })
  onTestFinished(() => void reader.disconnect())
  const heard: { messages?: { text: string }[]; removed?: string[] }[] = []
  reader.on('chat', (packet) => heard.push(packet))
  await reader.emitWithAck('chat.enter', { channel: channel.id })

  const hostile = flood(node.url, channel.id)
  onTestFinished(hostile.stop)
  await eventually(async () => hostile.thrownOut() > SOCKETS || null)
  const before = await newest()
  const said = await api.call<{ id: string }>('POST', `/channels/${channel.id}/chat/messages`, {
    text: 'please stay calm',
    key: 'a key of ours',
  })
  await api.call('POST', `/channels/${channel.id}/chat/messages/${said.id}/remove`, { reason: '' })
  await expect.poll(() => heard.flatMap(({ removed = [] }) => removed), { timeout: 20_000 }).toEqual([said.id])
  await expect.poll(newest, { timeout: 30_000 }).toBeGreaterThan(before + 1)
  expect(hostile.sent()).toBeGreaterThan(5_000)
  const texts = heard.flatMap(({ messages = [] }) => messages.map(({ text }) => text))
  expect(texts).not.toContain('buy this')
}, 120_000)
