import { expect, test } from 'vitest'
import { tileAt, timeOnAir } from '../../src/web/client/player/tiles.ts'

const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1_000
const iso = (seconds: number) => new Date(at(seconds)).toISOString()

test('a place of the playlist is a time on air, also after a seam', () => {
  const stretches = [
    { start: 0, duration: 2, programDateTime: at(100) },
    { start: 2, duration: 2, programDateTime: at(200) },
  ]
  expect(timeOnAir(stretches, 1.5)).toBe(at(101.5))
  expect(timeOnAir(stretches, 3)).toBe(at(201))
  expect(timeOnAir([], 3)).toBeNull()
  expect(timeOnAir([{ start: 0, duration: 2, programDateTime: null }], 1)).toBeNull()
})

test('the nearest tile is found in its sheet, row by row; far from all there is none', () => {
  const sheets = [
    { url: 'a.jpg', width: 160, height: 90, columns: 2, times: [iso(0), iso(10), iso(20), iso(30)] },
    { url: 'b.jpg', width: 320, height: 180, columns: 1, times: [iso(40)] },
  ]
  expect(tileAt(sheets, at(4))).toBe('a.jpg#xywh=0,0,160,90')
  expect(tileAt(sheets, at(11))).toBe('a.jpg#xywh=160,0,160,90')
  expect(tileAt(sheets, at(34))).toBe('a.jpg#xywh=160,90,160,90')
  expect(tileAt(sheets, at(44))).toBe('b.jpg#xywh=0,0,320,180')
  expect(tileAt(sheets, at(90))).toBeNull()
})
