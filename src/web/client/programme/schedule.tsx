import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import type { ChannelView } from '../api/views.ts'
import { StudioHead } from '../studio/studio-head.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { CopyField, Empty, Notice, toast } from '../ui/parts.tsx'
import { CallOff } from './call-off.tsx'
import { programmeApi, type ShowView, type Which } from './programme-api.ts'
import { type PictureWish, ShowForm } from './show-form.tsx'
import { repeatInWords, whenInWords } from './times.ts'
import { forWhom } from './upcoming.tsx'

/** What a channel has planned, and where it is planned. */
export function Schedule({ slug }: { slug: string }) {
  usePageTitle('Schedule')
  const user = useMe()
  const { value: channel, error } = useLoaded(`channel ${slug} ${user?.id}`, () => api.channel(slug))
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!channel) return <div class="skeleton loading-card" />
  if (channel.ownerId !== user.id && user.role !== 'admin') {
    return <Empty title="This is somebody else’s studio">Only its owner plans here.</Empty>
  }
  return <Plans channel={channel} />
}

function Plans({ channel }: { channel: ChannelView }) {
  const { value, error, reload } = useLoaded(`plans ${channel.id}`, () => programmeApi.shows(channel.id))
  const [isPlanning, setPlanning] = useState(false)
  return (
    <div class="account stack">
      <StudioHead title={`Schedule of ${channel.name}`} slug={channel.slug} />
      {isPlanning ? (
        <ShowForm
          show={null}
          action="Plan it"
          onClose={() => setPlanning(false)}
          onSend={async (fields, { repeat, picture }) => {
            const show = await programmeApi.plan(channel.id, { ...fields, repeat })
            setPlanning(false)
            const done = repeat ? 'The shows are planned' : 'The show is planned'
            await paint(show, repeat ? 'following' : 'this', picture, done)
            reload()
          }}
        />
      ) : (
        <div>
          <button type="button" class="button primary" onClick={() => setPlanning(true)}>
            Plan a show
          </button>
        </div>
      )}
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value?.shows.length === 0 && !isPlanning && (
        <Empty title="Nothing is planned">
          <p>A planned show has a page of its own, where people wait, are reminded and buy tickets.</p>
        </Empty>
      )}
      {value && value.shows.length > 0 && (
        <ul class="keys planned">
          {value.shows.map((show) => (
            <Planned key={show.id} show={show} slug={channel.slug} onChange={reload} />
          ))}
        </ul>
      )}
      <CopyField
        label="Calendar of this channel"
        value={`${location.origin}/c/${channel.slug}/calendar.ics`}
        hint="An address calendars subscribe to. What is for invited people or by address alone is not in it."
      />
    </div>
  )
}

/** Gives a show that is kept already the picture that is wished for, and says how it went. */
async function paint({ id }: ShowView, which: Which, wish: PictureWish, done: string) {
  try {
    if (wish === 'none') await programmeApi.removePicture(id, which)
    else if (wish) await programmeApi.setPicture(id, which, wish)
    toast(done)
  } catch (error) {
    toast(`${done}, but its picture could not be kept: ${asApiError(error).message}`)
  }
}

function Planned({ show, slug, onChange }: { show: ShowView; slug: string; onChange(): void }) {
  const [isEditing, setEditing] = useState(false)
  const [isCallingOff, setCallingOff] = useState(false)
  async function choose() {
    try {
      await programmeApi.choose(show.id, !show.isChosen)
      onChange()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  if (isEditing) {
    return (
      <li>
        <ShowForm
          show={show}
          action="Save"
          onClose={() => setEditing(false)}
          onSend={async (fields, { which, picture }) => {
            await programmeApi.change(show.id, { ...fields, which })
            setEditing(false)
            await paint(show, which, picture, 'Changes saved')
            onChange()
          }}
        />
      </li>
    )
  }
  return (
    <li data-show={show.id}>
      <div class="words stack tight">
        <a href={`/show/${show.code}`}>
          <strong>{show.title}</strong>
        </a>
        <span class="fine">{aboutOf(show)}</span>
        {show.isMissed && <Notice isBad>Nobody went live around this time. Give it a new one, or call it off.</Notice>}
        {show.isChosen && <Notice>Whatever your encoder sends next is this show.</Notice>}
        <div class="row">
          <button type="button" class="button small" onClick={() => setEditing(true)}>
            Change
          </button>
          {show.visibility === 'ticket' && (
            <a class="button small" href={`/studio/${slug}/sales`}>
              Sell tickets
            </a>
          )}
          <button type="button" class="button small" aria-pressed={show.isChosen} onClick={choose}>
            {show.isChosen ? 'Not next' : 'Take it next'}
          </button>
          <button type="button" class="button small danger" onClick={() => setCallingOff(true)}>
            Call off
          </button>
        </div>
      </div>
      {isCallingOff && <CallOff show={show} onDone={onChange} onClose={() => setCallingOff(false)} />}
    </li>
  )
}

function aboutOf(show: ShowView): string {
  const when = whenInWords(show.scheduledAt, show.timeZone ?? undefined)
  const where = show.timeZone ? ` (${show.timeZone})` : ''
  const again = show.series && repeatInWords(show.series.repeat)
  return [when + where, again, forWhom(show)].filter(Boolean).join(' · ')
}
