import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { iconOf } from '../../src/live/live.ts'
import { chatRoom } from '../helpers/chat-room.ts'

/** A red square of two pixels, as PNG. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8zwACTGCSAQANHQEDgslx/wAAAABJRU5ErkJggg==',
  'base64',
)

test('a picture of the channel’s own is drawn anew, told to everybody, and gone when it is removed', async () => {
  const { chat, channel, olga, news } = await chatRoom()
  const { url } = await chat.emotes.add(olga, channel.id, 'square', PNG)
  const id = url.replace('/emotes/', '').replace('.webp', '')
  expect((await chat.emotes.picture(id))?.subarray(8, 12).toString()).toBe('WEBP')
  expect((await chat.entrance.enter(channel.id, null)).settings.emotes).toEqual([{ name: 'square', url }])
  expect(news.at(-1)).toMatchObject({ type: 'settings', settings: { emotes: [{ name: 'square' }] } })
  await chat.emotes.remove(olga, channel.id, 'square')
  expect(await chat.emotes.picture(id)).toBe(null)
  expect((await chat.entrance.enter(channel.id, null)).settings.emotes).toEqual([])
})

test('what is no picture, a taken name, somebody else’s channel and one too many are refused', async () => {
  const { chat, channel, olga, person } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  await expect(chat.emotes.add(olga, channel.id, 'script', Buffer.from('<svg onload="alert(1)"/>'))).rejects.toThrow(
    'A picture is',
  )
  await expect(chat.emotes.add(bert, channel.id, 'mine', PNG)).rejects.toThrow('Only')
  await chat.emotes.add(olga, channel.id, 'square', PNG)
  await expect(chat.emotes.add(olga, channel.id, 'square', PNG)).rejects.toThrow('of this name')
  for (let i = 1; i < 50; i++) await chat.emotes.add(olga, channel.id, `e${i}`, PNG)
  await expect(chat.emotes.add(olga, channel.id, 'more', PNG)).rejects.toThrow('at most 50')
})

test('a large picture becomes a small one', async () => {
  const poster = readFileSync('docs/images/watch.png')
  expect((await iconOf(poster, 64)).length).toBeLessThan(8_000)
})
