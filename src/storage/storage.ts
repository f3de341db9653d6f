/** Where media lies. The only room that touches the media library; paths are relative to its root and never leave it. */
export { createDiskStorage } from './disk.ts'

export interface Storage {
  /** Appends and returns the offset at which the bytes begin. */
  append(path: string, bytes: Buffer | string): Promise<number>
  /** Writes a whole file: readers see the old one or the new one. */
  write(path: string, bytes: Buffer | string): Promise<void>
  /** A missing file is an error with the code ENOENT. */
  read(path: string, offset?: number, length?: number): Promise<Buffer>
  size(path: string): Promise<number>
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<string[]>
  /** A file or a folder with all that is in it; nothing where there is none. */
  remove(path: string): Promise<void>
}
