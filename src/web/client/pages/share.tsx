import { useEffect, useRef } from 'preact/hooks'
import { CopyField } from '../ui/parts.tsx'

/** The link and the frame, to be taken elsewhere. */
export function Share({ slug, title, onClose }: { slug: string; title: string; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const frame = document.createElement('iframe')
  frame.src = `${location.origin}/embed/${slug}`
  frame.title = title
  frame.width = '640'
  frame.height = '360'
  frame.allow = 'autoplay; fullscreen; picture-in-picture'
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="share">
      <div class="stack">
        <h2 id="share">Share</h2>
        <CopyField label="Link" value={`${location.origin}/c/${slug}`} />
        <CopyField label="Frame for a page of yours" value={frame.outerHTML} />
        <div class="actions">
          <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  )
}
