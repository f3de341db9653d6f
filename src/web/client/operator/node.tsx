import { useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { AdminsOnly } from './admins-only.tsx'
import { operatorApi } from './operator-api.ts'

/** What this box carries, and what was decided from it. */
export function ThisNode() {
  usePageTitle('This node')
  return (
    <AdminsOnly>
      <Carries />
    </AdminsOnly>
  )
}

function Carries() {
  const { value, error } = useLoaded('capacity', operatorApi.capacity)
  return (
    <div class="stack wide">
      <h1>This node</h1>
      <nav class="row" aria-label="Operator">
        <a href="/operator/people">People</a>
        <a href="/operator/mail">Mail</a>
        <a href="/operator/load">Load</a>
        <a href="/operator/audit">Audit log</a>
        <a href="/api/docs">API</a>
      </nav>
      {error && <Notice isBad>{error.message}</Notice>}
      {value && (
        <section class="card padded stack" aria-labelledby="carries">
          <h2 id="carries">What it can encode</h2>
          <p>
            720p at 30 frames a second, {value.speed.toFixed(1)} times faster than real time, with {value.encoder} on{' '}
            {value.cores} {value.cores === 1 ? 'core' : 'cores'}
            {value.isMeasured ? '.' : ': a cautious guess until it has been measured, a moment after the first start.'}
          </p>
          <p class="soft">
            {value.sessions === 0
              ? 'Nothing is encoded just now.'
              : `${value.used.toFixed(1)} of it is in use, by ${value.sessions} ${value.sessions === 1 ? 'session' : 'sessions'}.`}
          </p>
          {value.aside && <Notice>{value.aside}</Notice>}
          {value.tried
            .filter(({ works }) => !works)
            .map(({ encoder, said }) => (
              <p class="fine" key={encoder}>
                {encoder} does not work here{said ? `: ${said}` : ''}.
              </p>
            ))}
        </section>
      )}
      {value && (
        <section class="card padded stack" aria-labelledby="on-air">
          <h2 id="on-air">On air</h2>
          {value.decisions.length === 0 && <p class="soft">Nobody is on air just now.</p>}
          {value.decisions.map(({ sessionId, channelId, channelName, ladderReason }) => (
            <p key={sessionId}>
              <a href={`/c/${channelId}`}>{channelName}</a> <span class="soft">{ladderReason}.</span>
            </p>
          ))}
        </section>
      )}
    </div>
  )
}
