import { useEffect, useState } from 'preact/hooks'
import { openSocket } from '../api/socket.ts'
import { asApiError } from '../api/use-loaded.ts'
import { navigate, place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { moneyApi, type OrderView } from './money-api.ts'

const ASK_AGAIN_MS = 1_000

/** Back from paying: goes on by itself the moment it is booked, and says how it stands until then. */
export function CheckoutReturn() {
  usePageTitle('Your order')
  const { search } = place.value
  const orderId = search.get('order') ?? ''
  const to = pathOf(search.get('to'))
  const isLeft = search.get('state') === 'left'
  const [state, setState] = useState(orderId === '' ? 'none' : isLeft ? 'left' : 'open')
  const [wrong, setWrong] = useState<string | null>(null)

  useEffect(() => {
    if (isLeft || orderId === '') return
    let timer = 0
    let isGone = false
    async function see(asked: Promise<OrderView>) {
      clearTimeout(timer)
      try {
        const order = await asked
        if (isGone) return
        setState(order.state)
        if (order.isSettled) return navigate(to, { replace: true })
        if (ENDS.has(order.state)) return
      } catch (error) {
        setWrong(asApiError(error).message)
      }
      clearTimeout(timer)
      if (!isGone) timer = window.setTimeout(look, ASK_AGAIN_MS)
    }
    const look = () => see(moneyApi.look(orderId))
    look()
    // The node says when the rights of this account have changed; asking again and again is for when it cannot. To look
    // is to settle, of which it tells as well: what was heard is only read.
    const read = () => see(moneyApi.order(orderId))
    const line = openSocket()
    line.socket.then(
      (socket) => {
        const listen = () => socket.emit('rights', {})
        if (socket.connected) listen()
        socket.on('connect', listen)
        socket.on('rights', read)
      },
      () => undefined,
    )
    return () => {
      isGone = true
      clearTimeout(timer)
      line.socket.then(
        (socket) => socket.off('rights', read),
        () => undefined,
      )
      line.release()
    }
  }, [orderId])

  return (
    <div class="narrow stack" data-order-state={state}>
      <h1>{TITLES[state] ?? 'One moment'}</h1>
      <p role="status">{WORDS[state] ?? 'We are waiting to hear that it is paid. This page goes on by itself.'}</p>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <a class="button" href={to}>
        Back to where you were
      </a>
    </div>
  )
}

const ENDS = new Set(['failed', 'expired', 'refunded', 'ended'])
const TITLES: Record<string, string> = {
  none: 'No such order',
  left: 'Nothing was paid',
  failed: 'It was not paid',
  expired: 'It was not paid',
  processing: 'We are waiting for your bank',
}
const WORDS: Record<string, string> = {
  none: 'This address names no order. What you bought is on your account page.',
  left: 'You left before paying. Nothing was charged.',
  failed: 'Your bank refused the payment. Nothing was charged.',
  expired: 'The checkout ran out before it was paid. Nothing was charged.',
  processing: 'Your payment is on its way. Your place is kept; it opens when your bank confirms, which may take days.',
}

/** Only a path of this site. */
function pathOf(wanted: string | null): string {
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, location.origin)) return '/purchases'
  const { origin, pathname, search } = new URL(wanted, location.origin)
  return origin === location.origin ? pathname + search : '/purchases'
}
