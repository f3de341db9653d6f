import { api } from '../api/client.ts'
import type { ChannelView } from '../api/views.ts'
import { Choices, Field, Notice, TextField, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'

const VISIBILITIES = [
  { value: 'public', label: 'Public', hint: 'On the home page, for everybody.' },
  { value: 'unlisted', label: 'Unlisted', hint: 'In no list; whoever has the address can watch.' },
] as const

interface AboutChannelProps {
  channel: ChannelView
  onChange(channel: ChannelView): void
}

export function AboutChannel({ channel, onChange }: AboutChannelProps) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ name = '', description = '', visibility }) => {
    const chosen = visibility === 'unlisted' ? 'unlisted' : 'public'
    const change = { name: name.trim(), description: description.trim(), visibility: chosen } as const
    onChange(await api.updateChannel(channel.id, change))
    toast('Channel saved')
  })
  return (
    <section class="card padded stack" aria-labelledby="about">
      <h2 id="about">Channel</h2>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <form class="stack" onSubmit={onSubmit}>
        <Field label="Name" name="name" value={channel.name} wrong={wrongFields.name} required maxLength={80} />
        <TextField
          label="About the channel"
          name="description"
          value={channel.description}
          wrong={wrongFields.description}
          maxLength={5_000}
        />
        <Choices label="Who finds it" name="visibility" value={channel.visibility} options={VISIBILITIES} />
        <div>
          <button type="submit" class="button" disabled={isBusy}>
            Save channel
          </button>
        </div>
      </form>
    </section>
  )
}
