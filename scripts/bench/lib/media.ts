/** What a bench must read out of a playlist. */
export interface Listed {
  segments: string[]
  parts: string[]
  /** Where the next part will be: what a player asks for to be told of it. */
  next: { msn: number; part: number }
}

/** Reads a media playlist; addresses come back absolute. */
export function readPlaylist(text: string, address: string): Listed {
  const lines = text.split('\n').map((line) => line.trim())
  const segments: string[] = []
  const parts: string[] = []
  let msn = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0)
  let part = 0
  for (const line of lines) {
    if (line.startsWith('#EXT-X-PART:')) {
      parts.push(absolute(/URI="([^"]+)"/.exec(line)?.[1] ?? '', address))
      part++
    } else if (line && !line.startsWith('#')) {
      segments.push(absolute(line, address))
      msn++
      part = 0
    }
  }
  return { segments, parts, next: { msn, part } }
}

/** The media playlists a multivariant playlist names: the first video and the first audio one. */
export async function readRenditions(address: string): Promise<{ video: string; audio: string | null }> {
  const text = await (await fetch(address)).text()
  const video = text.split('\n').find((line) => line.trim() && !line.startsWith('#'))
  if (!video) throw new Error(`no rendition in ${text}`)
  const audio = /#EXT-X-MEDIA:[^\n]*TYPE=AUDIO[^\n]*URI="([^"]+)"/.exec(text)?.[1]
  return { video: absolute(video.trim(), address), audio: audio ? absolute(audio, address) : null }
}

const absolute = (path: string, address: string) => new URL(path, address).href
