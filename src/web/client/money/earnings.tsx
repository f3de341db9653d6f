import { api } from '../api/client.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { StudioHead } from '../studio/studio-head.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { inMoney } from './amounts.ts'
import { PayoutAccount } from './payout-account.tsx'
import { PayoutList } from './payout-list.tsx'
import { type EarningsView, payoutsApi } from './payouts-api.ts'
import { TestMoneyBanner } from './test-money-banner.tsx'

/** What a creator earned, what was kept of it by whom, and where the rest is. */
export function Earnings({ slug }: { slug: string }) {
  usePageTitle('Earnings')
  const channel = useLoaded(`channel ${slug}`, () => api.channel(slug))
  if (channel.error) return <Notice isBad>{channel.error.message}</Notice>
  if (!channel.value) return <div class="skeleton loading-field" />
  const { id, name, slug: own } = channel.value
  return <OfChannel key={id} channelId={id} name={name} slug={own} />
}

function OfChannel({ channelId, name, slug }: { channelId: string; name: string; slug: string }) {
  const earnings = useLoaded(`earnings ${channelId}`, () => payoutsApi.earnings(channelId))
  const payouts = useLoaded(`payouts ${channelId}`, () => payoutsApi.payouts(channelId, null))
  const error = earnings.error ?? payouts.error
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!earnings.value || !payouts.value) return <div class="skeleton loading-field" />
  const { account, provider } = payouts.value
  return (
    <div class="account stack wide">
      <StudioHead title={`Earnings of ${name}`} slug={slug} near={['Sales']} />
      {provider === 'test' && <TestMoneyBanner />}
      {earnings.value.earnings.length === 0 && (
        <section class="card padded stack tight">
          <h2>Nothing earned yet</h2>
          <p class="soft">When somebody buys a ticket or becomes a member, what is yours of it is added up here.</p>
        </section>
      )}
      {earnings.value.earnings.map((sum) => (
        <Sum key={sum.currency} sum={sum} />
      ))}
      <PayoutAccount
        channelId={channelId}
        account={account}
        onChange={() => {
          earnings.reload()
          payouts.reload()
        }}
      />
      <PayoutList channelId={channelId} first={payouts.value} />
    </div>
  )
}

function Sum({ sum }: { sum: EarningsView }) {
  const money = (amount: number) => inMoney(amount, sum)
  const lost: [string, number][] = [
    ['Given back', sum.refunded],
    ['Disputed with the bank', sum.disputed],
    ['Fee of the platform', sum.platformFee],
  ]
  return (
    <section class="card padded stack" aria-labelledby={`sum-${sum.currency}`}>
      <div>
        <h2 class="fine" id={`sum-${sum.currency}`}>
          Yours, in {sum.currency}
        </h2>
        <p class="sum" data-net={sum.net}>
          {money(sum.net)}
        </p>
      </div>
      <dl class="facts amounts">
        <dt>Sold</dt>
        <dd>{money(sum.gross)}</dd>
        {lost
          .filter(([, amount]) => amount !== 0)
          .map(([label, amount]) => [<dt key={label}>{label}</dt>, <dd key={`${label}s`}>{money(-amount)}</dd>])}
      </dl>
      <p class="fine">The payment provider took {money(sum.processingFee)}; the platform bears that.</p>
      <h3>Where it is</h3>
      <dl class="facts amounts">
        <dt>{sum.kept < 0 ? 'Owed to the platform' : 'Kept for you by the platform'}</dt>
        <dd data-kept={sum.kept}>{money(Math.abs(sum.kept))}</dd>
        <dt>In your payout account</dt>
        <dd data-in-account={sum.inAccount}>{money(sum.inAccount)}</dd>
        <dt>Sent to your bank</dt>
        <dd data-paid-out={sum.paidOut}>{money(sum.paidOut)}</dd>
      </dl>
    </section>
  )
}
