import { expect, test } from 'vitest'
import {
  BLOCK_HEIGHT,
  BLOCK_WIDTH,
  blocksOf,
  burnIn,
  COLUMNS,
  instantOf,
} from '../../scripts/bench/lib/clock-picture.ts'

const instant = Date.UTC(2026, 0, 15, 20, 15, 3, 417)

test('the blocks tell the instant they were made from', () => {
  expect(blocksOf(instant)).toHaveLength(48)
  expect(instantOf(blocksOf(instant), instant + 1_500)).toBe(instant)
})

test('a block misread is noticed', () => {
  blocksOf(instant).forEach((_, at, blocks) => {
    expect(instantOf(blocks.with(at, !blocks[at]), instant)).toBeNull()
  })
})

test('a picture without a clock tells nothing', () => {
  expect(instantOf(Array(48).fill(false), instant)).toBeNull()
  expect(instantOf(Array(48).fill(true), instant)).toBeNull()
})

test('the clock can be read from the middle of each block of the picture', () => {
  const [width, height] = [320, 180]
  const frame = Buffer.alloc((width * height * 3) / 2, 128)
  burnIn(frame, width, height, instant)
  const blocks = Array.from({ length: 48 }, (_, index) => {
    const x = Math.floor(((index % COLUMNS) + 0.5) * BLOCK_WIDTH * width)
    const y = Math.floor((Math.floor(index / COLUMNS) + 0.5) * BLOCK_HEIGHT * height)
    return frame[y * width + x]! > 128
  })
  expect(instantOf(blocks, instant)).toBe(instant)
})
