import { usePages } from '../api/use-pages.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { PagedList } from '../ui/pages.tsx'
import { CopyField } from '../ui/parts.tsx'
import { onDay } from './amounts.ts'
import { MembershipCard } from './membership-card.tsx'
import { moneyApi, type PurchaseView } from './money-api.ts'
import { Receipts } from './receipts.tsx'

/** What I bought and where I am a member, with receipts. */
export function MyPurchases() {
  usePageTitle('My purchases')
  const bought = usePages('purchases', async (cursor) => {
    const { purchases, nextCursor } = await moneyApi.purchases(cursor)
    return { items: purchases, nextCursor }
  })
  const joined = usePages('memberships', async (cursor) => {
    const { memberships, nextCursor } = await moneyApi.memberships(cursor)
    return { items: memberships, nextCursor }
  })
  if (bought.error?.status === 401) {
    return (
      <div class="narrow stack">
        <h1>My purchases</h1>
        <p>Sign in to see what you bought.</p>
        <a class="button primary" href="/sign-in?next=%2Fpurchases">
          Sign in
        </a>
      </div>
    )
  }
  return (
    <div class="account stack wide">
      <h1>My purchases</h1>
      <section class="stack" aria-labelledby="memberships">
        <h2 id="memberships">Memberships</h2>
        <PagedList
          pages={joined}
          empty="You are no member anywhere yet. A channel’s memberships are on its page."
          line={(one) => <MembershipCard membership={one} onChange={joined.reload} />}
        />
      </section>
      <section class="stack" aria-labelledby="bought">
        <h2 id="bought">Tickets, videos and gifts</h2>
        <PagedList
          pages={bought}
          empty="You have bought nothing yet."
          line={(one) => <PurchaseCard purchase={one} />}
        />
      </section>
    </div>
  )
}

function PurchaseCard({ purchase }: { purchase: PurchaseView }) {
  const { name, channel, state, accessExpiresAt, gift, payments } = purchase
  const until = state === 'paid' && accessExpiresAt ? ` · until ${onDay(accessExpiresAt)}` : ''
  return (
    <div class="whole stack tight" data-purchase={state}>
      <div class="row apart">
        <strong>{name}</strong>
        <span class="badge">{STATES[state] ?? state}</span>
      </div>
      <p class="soft">
        <a href={`/c/${channel.slug}`}>{channel.name}</a>
        {until}
      </p>
      {gift?.state === 'waiting' && (
        <CopyField
          label="The gift’s link"
          value={`${location.origin}/gift/${gift.code}`}
          hint="Hand it to whom it is for. The first who takes it has it."
        />
      )}
      {gift?.state === 'taken' && <p class="soft">Your gift was taken.</p>}
      <Receipts payments={payments} />
    </div>
  )
}

const STATES: Record<string, string> = {
  paid: 'Paid',
  processing: 'Waiting for your bank',
  refunded: 'Given back',
  disputed: 'Disputed',
  lost: 'Disputed and given back',
  failed: 'Not paid',
}
