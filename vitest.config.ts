import { defineConfig } from 'vitest/config'

/** Kinds of test after the folders they live in. Media tests own the machine: one file at a time, kinds in a row. */
const slow = (name: string, groupOrder: number, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: false,
    testTimeout,
    hookTimeout: 120_000,
    sequence: { groupOrder },
  },
})

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/browser/**', 'test/chaos/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      slow('live', 1, 180_000),
      slow('browser', 2, 180_000),
      slow('chaos', 3, 180_000),
    ],
  },
})
