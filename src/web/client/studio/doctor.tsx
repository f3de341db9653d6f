import type { Finding, HealthView } from '../api/views.ts'

const words = { green: 'Good', amber: 'Could be better', red: 'Needs mending' }

export function Doctor({ health }: { health: HealthView | null }) {
  const findings = health?.findings ?? []
  return (
    <section class="card padded stack" aria-labelledby="doctor">
      <div class="row apart">
        <h2 id="doctor">Stream doctor</h2>
        <p class="fine" role="status">
          {findings.length > 0 && inShort(findings)}
        </p>
      </div>
      {health === null && <div class="skeleton loading-field" />}
      {health && findings.length === 0 && <p class="soft">Nothing is coming in to be looked at.</p>}
      <ul class="findings">
        {findings.map((finding) => (
          <li key={finding.id} class={`finding ${finding.level}`} data-finding={finding.id} data-level={finding.level}>
            <Mark level={finding.level} />
            <div>
              <div>
                <span class="visually-hidden">{words[finding.level]}: </span>
                {finding.title}
              </div>
              {finding.advice && <div class="fine">{finding.advice}</div>}
            </div>
          </li>
        ))}
      </ul>
      {health?.source && health.ladderReason && <p class="fine ladder">{health.ladderReason}.</p>}
    </section>
  )
}

function inShort(findings: readonly Finding[]): string {
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const [red, amber] = [count('red'), count('amber')]
  if (red + amber === 0) return 'All is well'
  const parts = [...(red > 0 ? [`${red} to mend`] : []), ...(amber > 0 ? [`${amber} could be better`] : [])]
  return parts.join(', ')
}

/** Told apart by shape as well as by colour. */
function Mark({ level }: { level: Finding['level'] }) {
  const path = {
    green: 'M5.5 10.500l3 3 6-7',
    amber: 'M10 5.500v5.500M10 14.200v.1',
    red: 'M6.500 6.500l7 7M13.500 6.500l-7 7',
  }
  return (
    <svg
      class="finding-mark"
      viewBox="0 0 20 20"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-linecap="round"
    >
      <circle cx="10" cy="10" r="8.500" stroke-width="1.400" opacity="0.45" />
      <path d={path[level]} stroke-width="2" stroke-linejoin="round" />
    </svg>
  )
}
