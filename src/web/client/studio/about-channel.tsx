import { api } from '../api/client.ts'
import type { ChannelView } from '../api/views.ts'
import { Choices, Field, Notice, TextField, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { CoverChoice } from './cover-choice.tsx'

const VISIBILITIES = [
  { value: 'public', label: 'Public', hint: 'On the home page, for everybody.' },
  { value: 'unlisted', label: 'Unlisted', hint: 'In no list; whoever has the address can watch.' },
] as const

const SMALL = ['480p', '360p', '240p']

const LADDERS = [
  { value: 'auto', label: 'Automatic', hint: 'As many as your picture needs and this server carries.' },
  { value: 'small', label: '480p and smaller', hint: 'Leaves the server room for other channels.' },
  { value: 'source', label: 'Only as you send it', hint: 'Nothing is encoded; slow lines may not keep up.' },
]

interface AboutChannelProps {
  channel: ChannelView
  onChange(channel: ChannelView): void
}

export function AboutChannel({ channel, onChange }: AboutChannelProps) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(
    async ({ name = '', description = '', visibility, ladder }) => {
      onChange(
        await api.updateChannel(channel.id, {
          name: name.trim(),
          description: description.trim(),
          visibility: visibility === 'unlisted' ? 'unlisted' : 'public',
          ...(ladder === 'own' ? {} : { ladder: ladder === 'small' ? SMALL : ladder === 'source' ? 'source' : 'auto' }),
        }),
      )
      toast('Channel saved')
    },
  )
  const { ladder } = channel
  const ladderName = typeof ladder === 'string' ? ladder : String(ladder) === String(SMALL) ? 'small' : 'own'
  const own = { value: 'own', label: [ladder].flat().join(', '), hint: 'As somebody set it through the API.' }
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
        <Choices
          label="Qualities, from the next time you stream"
          name="ladder"
          value={ladderName}
          options={ladderName === 'own' ? [...LADDERS, own] : LADDERS}
        />
        <div>
          <button type="submit" class="button" disabled={isBusy}>
            Save channel
          </button>
        </div>
      </form>
      <CoverChoice
        of={{ kind: 'channels', id: channel.id }}
        cover={channel.cover}
        pictureUrl={channel.pictureUrl}
        onChoose={async (cover) => onChange(await api.updateChannel(channel.id, { cover }))}
        onUploaded={async () => onChange(await api.channel(channel.id))}
      />
    </section>
  )
}
