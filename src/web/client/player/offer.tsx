import { SendAgain } from '../account/address.tsx'
import { me } from '../api/me.ts'
import { afterSigningIn, type Refusal, words } from './refusal.ts'

/** One clear offer over the last picture. */
export function Offer(props: { refusal: Refusal; onFollow(): void; onAgain(): void }) {
  const { code, next } = props.refusal
  const [title, about] = words[code] ?? words.sign_in!
  const back = encodeURIComponent(pageOf() + location.search)
  const isElsewhere = code === 'device_limit' || code === 'device_ended'
  return (
    <div class="stage-veil stage-offer" role="status" data-offer={code}>
      <p>{title}</p>
      <p>{(code === 'sign_in' && next && afterSigningIn[next]) || about}</p>
      {code === 'sign_in' && !me.value && (
        <a
          class="button primary"
          href={`/sign-in?next=${back}`}
          target={window === top ? undefined : '_blank'}
          rel="noopener"
        >
          Sign in
        </a>
      )}
      {SOLD.has(code) && (
        <a
          class="button primary"
          href={`${pageOf()}#prices`}
          target={window === top ? undefined : '_blank'}
          rel="noopener"
        >
          See what it costs
        </a>
      )}
      {code === 'verify' && me.value && <SendAgain email={me.value.email} />}
      {code === 'follow' && (
        <button type="button" class="button primary" onClick={props.onFollow}>
          Follow
        </button>
      )}
      {isElsewhere && (
        <button type="button" class="button primary" onClick={props.onAgain}>
          Watch here
        </button>
      )}
    </div>
  )
}

const SOLD = new Set(['buy', 'join', 'upgrade'])

/** The channel's own page, also from a frame on somebody else's. */
const pageOf = () => location.pathname.replace(/^\/embed\//, '/c/')
