/** The multivariant playlist (RFC 8216bis section 4.4.6) as text. Pure. */
export interface VariantAttributes {
  id: string
  width: number
  height: number
  frameRate: number
  codec: string
  /** Bits per second: the greatest of any segment, and the mean (section 4.4.6.2). */
  peakBitrate: number
  averageBitrate: number
}

export interface AudioAttributes {
  id: string
  codec: string
  channels: number
  peakBitrate: number
  averageBitrate: number
}

/** `query` is appended to each playlist's address: '' or '?dvr'. */
export function multivariantPlaylist(
  videos: readonly VariantAttributes[],
  audio: AudioAttributes | null,
  query: string,
): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS']
  if (audio) {
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${audio.channels}",` +
        `URI="${audio.id}.m3u8${query}"`,
    )
  }
  for (const video of [...videos].sort((a, b) => b.peakBitrate - a.peakBitrate)) {
    const attributes = [
      `BANDWIDTH=${Math.ceil(video.peakBitrate + (audio?.peakBitrate ?? 0))}`,
      `AVERAGE-BANDWIDTH=${Math.ceil(video.averageBitrate + (audio?.averageBitrate ?? 0))}`,
      `CODECS="${[video.codec, ...(audio ? [audio.codec] : [])].join(',')}"`,
      `RESOLUTION=${video.width}x${video.height}`,
      `FRAME-RATE=${video.frameRate.toFixed(3)}`,
      ...(audio ? ['AUDIO="audio"'] : []),
    ]
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${video.id}.m3u8${query}`)
  }
  if (audio) {
    // The audio-only variant: for radio-like listening, and for lines that carry nothing else.
    const bandwidth = `BANDWIDTH=${Math.ceil(audio.peakBitrate)},AVERAGE-BANDWIDTH=${Math.ceil(audio.averageBitrate)}`
    lines.push(`#EXT-X-STREAM-INF:${bandwidth},CODECS="${audio.codec}",AUDIO="audio"`, `${audio.id}.m3u8${query}`)
  }
  return `${lines.join('\n')}\n`
}
