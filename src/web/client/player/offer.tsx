import { SendAgain } from '../account/address.tsx'
import { me } from '../api/me.ts'
import { afterSigningIn, type Refusal, words } from './refusal.ts'

/** One clear offer over the last picture. */
export function Offer(props: { refusal: Refusal; onFollow(): void; onAgain(): void }) {
  const { code, next } = props.refusal
  const [title, about] = words[code] ?? words.sign_in!
  const back = encodeURIComponent(location.pathname.replace(/^\/embed\//, '/c/') + location.search)
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
