import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { usePages } from '../api/use-pages.ts'
import { StudioHead } from '../studio/studio-head.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { inMoney } from './amounts.ts'
import { Guests } from './guests.tsx'
import { Members } from './members.tsx'
import { moneyApi } from './money-api.ts'
import { OffersOnSale } from './offers-on-sale.tsx'
import { Payments } from './payments.tsx'
import { Promotions } from './promotions.tsx'
import { TestMoneyBanner } from './test-money-banner.tsx'
import { Why, type WhyOf } from './why.tsx'

/** What a creator sells, sold and earned. */
export function ChannelSales({ slug }: { slug: string }) {
  usePageTitle('Sales')
  const channel = useLoaded(`channel ${slug}`, () => api.channel(slug))
  if (channel.error) return <Notice isBad>{channel.error.message}</Notice>
  if (!channel.value) return null
  return <Sales channelId={channel.value.id} name={channel.value.name} slug={slug} />
}

const TO_COME = new Set(['scheduled', 'starting', 'live', 'paused'])

function Sales({ channelId, name, slug }: { channelId: string; name: string; slug: string }) {
  const offers = useLoaded(`all offers ${channelId}`, () => moneyApi.allOffers(channelId))
  const earnings = useLoaded(`earnings ${channelId}`, () => moneyApi.earnings(channelId))
  const sessions = useLoaded(`shows to sell ${channelId}`, () => api.sessions(channelId))
  const payments = usePages(`sales ${channelId}`, async (cursor) => {
    const { sales, nextCursor } = await moneyApi.sales(channelId, cursor)
    return { items: sales, nextCursor }
  })
  const members = usePages(`members ${channelId}`, async (cursor) => {
    const page = await moneyApi.members(channelId, cursor)
    return { items: page.members, nextCursor: page.nextCursor }
  })
  const [asked, ask] = useState<WhyOf | null>(null)
  const shows = sessions.value?.sessions.filter(({ state }) => TO_COME.has(state)) ?? []
  const onSale = offers.value?.offers ?? []
  const known = knownPeople(members.items, payments.items)

  if (offers.error) return <Notice isBad>{offers.error.message}</Notice>
  return (
    <div class="account stack wide">
      <StudioHead title={`Sales of ${name}`} slug={slug} near={['Earnings']} />
      {offers.value?.isTestMoney && <TestMoneyBanner />}
      {earnings.value?.earnings.map((sum) => (
        <p key={sum.currency} data-net={sum.net}>
          <strong>{inMoney(sum.net, sum)}</strong> yours of {inMoney(sum.gross, sum)} sold; {inMoney(sum.refunded, sum)}{' '}
          given back, {inMoney(sum.platformFee, sum)} to the platform
        </p>
      ))}
      <OffersOnSale channelId={channelId} offers={onSale} shows={shows} onChange={offers.reload} />
      <Promotions channelId={channelId} offers={onSale} />
      <Guests channelId={channelId} people={known} />
      <Members members={members} onAsk={ask} />
      <Payments
        payments={payments}
        onAsk={ask}
        onRefund={() => {
          payments.reload()
          members.reload()
          earnings.reload()
        }}
      />
      <section class="card padded stack" aria-labelledby="why">
        <h2 id="why">Why can or can’t this person watch?</h2>
        <p class="soft">Ask it of a member or a buyer above, or of somebody who is not signed in.</p>
        <div>
          <button type="button" class="button small" onClick={() => ask({ userId: null, name: 'A stranger' })}>
            Ask for a stranger
          </button>
        </div>
      </section>
      {asked && <Why of={asked} shows={shows} onClose={() => ask(null)} />}
    </div>
  )
}

/** Whom the creator can name: nobody can look up the accounts of others. */
function knownPeople(
  members: { userId: string; member: string }[] | null,
  payments: { userId: string; buyer: string }[] | null,
): { value: string; label: string }[] {
  const names = new Map([
    ...(members ?? []).map(({ userId, member }) => [userId, member] as const),
    ...(payments ?? []).map(({ userId, buyer }) => [userId, buyer] as const),
  ])
  return [...names].map(([value, label]) => ({ value, label }))
}
