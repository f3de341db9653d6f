import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { Storage } from './storage.ts'

/** The media library in a folder of this machine. */
export function createDiskStorage(root: string): Storage {
  const base = resolve(root)

  function at(path: string): string {
    const full = join(base, path)
    if (full !== base && !full.startsWith(base + sep)) throw new Error(`A media path outside the library: ${path}`)
    return full
  }

  return {
    async append(path, bytes) {
      await mkdir(dirname(at(path)), { recursive: true })
      await using file = await open(at(path), 'a')
      const { size } = await file.stat()
      await file.appendFile(bytes)
      return size
    },
    async write(path, bytes) {
      await mkdir(dirname(at(path)), { recursive: true })
      const unfinished = `${at(path)}.part`
      await writeFile(unfinished, bytes)
      await rename(unfinished, at(path))
    },
    async read(path, offset = 0, length) {
      if (length === undefined) return (await readFile(at(path))).subarray(offset)
      await using file = await open(at(path), 'r')
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset)
      if (bytesRead < length) throw new Error(`${path} ends before byte ${offset + length}`)
      return buffer
    },
    size: async (path) => (await stat(at(path))).size,
    async list(folder) {
      return readdir(at(folder)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
    },
    remove: async (path) => rm(at(path), { recursive: true, force: true }),
  }
}
