import { useEffect, useState } from 'preact/hooks'
import { leftUntil } from './times.ts'

/** How long until a show begins, by the second. */
export function Countdown({ until }: { until: string }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const left = Object.entries(leftUntil(until, now)) as [string, number][] // its keys are its words
  if (left.every(([, count]) => count === 0)) return <p class="countdown-over">Any moment now</p>
  const first = left.findIndex(([, count]) => count > 0)
  return (
    <div class="countdown" role="timer" aria-label="Until the show begins">
      {left.slice(Math.min(first, 2)).map(([word, count]) => (
        <span key={word}>
          <b>{String(count).padStart(2, '0')}</b>
          <small>{count === 1 ? word.slice(0, -1) : word}</small>
        </span>
      ))}
    </div>
  )
}
