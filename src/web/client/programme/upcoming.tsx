import { useLoaded } from '../api/use-loaded.ts'
import { Still } from '../ui/still.tsx'
import { programmeApi, type ShowsView, type ShowView } from './programme-api.ts'
import { whenInWords } from './times.ts'

const FOR: Partial<Record<ShowView['visibility'], string>> = {
  followers: 'For followers',
  members: 'For members',
  ticket: 'With a ticket',
  private: 'For invited people',
  unlisted: 'By its address',
}

export const forWhom = ({ visibility }: Pick<ShowView, 'visibility'>) => FOR[visibility] ?? null

/** What is to come, of one channel or of all; nothing where nothing is. */
export function Upcoming({ channelId, first }: { channelId?: string; first: ShowsView | null }) {
  const { value } = useLoaded(`upcoming ${channelId}`, () => programmeApi.shows(channelId), first)
  if (!value || value.shows.length === 0) return null
  return (
    <section class="stack tight" aria-labelledby="upcoming">
      <div class="row apart">
        <h2 id="upcoming">Coming up</h2>
        {channelId && (
          <a class="fine" href={`/c/${value.shows[0]?.channel.slug}/calendar.ics`} download>
            Calendar of this channel
          </a>
        )}
      </div>
      <ul class="upcoming">
        {value.shows.slice(0, channelId ? 4 : 8).map((show) => (
          <li key={show.id}>
            <a class="card" href={`/show/${show.code}`}>
              {show.pictureUrl && (
                <Still kind="upcoming-picture" url={show.pictureUrl} sizes="(min-width: 40rem) 20rem, 100vw" />
              )}
              <time class="fine" dateTime={show.scheduledAt}>
                {whenInWords(show.scheduledAt)}
              </time>
              <strong>{show.title}</strong>
              <span class="fine">
                {[channelId ? null : show.channel.name, forWhom(show)].filter(Boolean).join(' · ')}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
