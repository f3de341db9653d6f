import { useId, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError } from '../api/use-loaded.ts'
import type { Cover } from '../api/views.ts'
import { ChoosePicture } from '../ui/choose-picture.tsx'
import { toast } from '../ui/parts.tsx'

const COVERS = [
  { value: 'blurred', label: 'The show itself, blurred', hint: 'So strongly that nothing can be recognised.' },
  { value: 'picture', label: 'A picture of yours', hint: 'JPEG, PNG or WebP, up to 8 MB.' },
  { value: 'none', label: 'Nothing', hint: 'No picture at all.' },
] as const

interface CoverChoiceProps {
  /** Of one show, or of a channel's shows to come. */
  of: { kind: 'sessions' | 'channels'; id: string }
  cover: Cover
  pictureUrl: string | null
  onChoose(cover: Cover): Promise<void>
  onUploaded(): Promise<void>
}

/** What those see of a show who may not watch it; kept with each press. */
export function CoverChoice({ of, cover, pictureUrl, onChoose, onUploaded }: CoverChoiceProps) {
  const id = useId()
  const [isBusy, setBusy] = useState(false)
  async function attempt(work: () => Promise<void>, done: string) {
    setBusy(true)
    await work().then(
      () => toast(done),
      (error: unknown) => toast(asApiError(error).message),
    )
    setBusy(false)
  }
  const upload = (file: File) =>
    attempt(async () => {
      await api.uploadPicture(of.kind, of.id, file)
      await onUploaded()
    }, 'Your picture is shown from now on')

  return (
    <fieldset class="choices" disabled={isBusy}>
      <legend>
        {of.kind === 'sessions' ? 'What others see of it' : 'What others see of shows they may not watch'}
      </legend>
      {COVERS.map(({ value, label, hint }) => (
        <label class="choice" key={value}>
          <input
            type="radio"
            name={id}
            checked={value === cover}
            onChange={() => attempt(() => onChoose(value), 'This holds from now on')}
          />
          <span>
            <b>{label}</b>
            <span class="fine">{hint}</span>
          </span>
        </label>
      ))}
      <div class="row">
        <ChoosePicture shown={pictureUrl} alt="What is shown" onChoose={(file) => void upload(file)} />
      </div>
    </fieldset>
  )
}
