import { useState } from 'preact/hooks'

const SIZES = [320, 640, 1280]

/** A session's newest picture, in the size that fits; nothing when it is gone. */
export function Still({ url, sizes, kind }: { url: string; sizes: string; kind: string }) {
  const [missing, setMissing] = useState<string | null>(null)
  if (missing === url) return null
  const inSize = (size: number) => url.replace(/\d+\.jpg/, `${size}.jpg`)
  return (
    <img
      class={kind}
      src={url}
      srcset={SIZES.map((size) => `${inSize(size)} ${size}w`).join(', ')}
      sizes={sizes}
      alt=""
      decoding="async"
      onError={() => setMissing(url)}
    />
  )
}
