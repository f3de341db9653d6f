import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Confirm, Notice } from '../ui/parts.tsx'
import { inMoney, onDay } from './amounts.ts'
import { moneyApi, type SaleView } from './money-api.ts'
import { NewOffer } from './new-offer.tsx'
import { TestMoneyBanner } from './test-money-banner.tsx'

/** What a creator sells, sold and earned. */
export function ChannelSales({ slug }: { slug: string }) {
  usePageTitle('Sales')
  const channel = useLoaded(`channel ${slug}`, () => api.channel(slug))
  if (channel.error) return <Notice isBad>{channel.error.message}</Notice>
  if (!channel.value) return null
  return <Sales channelId={channel.value.id} name={channel.value.name} />
}

function Sales({ channelId, name }: { channelId: string; name: string }) {
  const offers = useLoaded(`all offers ${channelId}`, () => moneyApi.allOffers(channelId))
  const sales = useLoaded(`sales ${channelId}`, () => moneyApi.sales(channelId))
  const earnings = useLoaded(`earnings ${channelId}`, () => moneyApi.earnings(channelId))
  const [toRefund, setToRefund] = useState<SaleView | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const attempt = (act: Promise<unknown>) => act.catch((error: unknown) => setWrong(asApiError(error).message))

  const error = offers.error ?? sales.error
  if (error) return <Notice isBad>{error.message}</Notice>
  return (
    <div class="narrow stack">
      <h1>Sales of {name}</h1>
      {offers.value?.isTestMoney && <TestMoneyBanner />}
      {wrong && <Notice isBad>{wrong}</Notice>}
      {earnings.value?.earnings.map((sum) => (
        <p key={sum.currency} data-net={sum.net}>
          <strong>{inMoney(sum.net, sum)}</strong> yours of {inMoney(sum.gross, sum)} sold; {inMoney(sum.refunded, sum)}{' '}
          given back, {inMoney(sum.platformFee, sum)} to the platform
        </p>
      ))}
      <h2>On sale</h2>
      {offers.value?.offers.map((offer) => (
        <div class="row" key={offer.id}>
          <span>
            {offer.name}: {inMoney(offer.price, offer)}
          </span>
          <button
            type="button"
            class="button small danger"
            onClick={() => attempt(moneyApi.withdrawOffer(offer.id)).then(offers.reload)}
          >
            Sell no more
          </button>
        </div>
      ))}
      <NewOffer channelId={channelId} onMade={offers.reload} />
      <h2>Payments</h2>
      {sales.value?.sales.length === 0 && <p class="soft">Nothing was sold yet.</p>}
      {sales.value?.sales.map((sale) => (
        <div class="row" key={sale.id} data-sale={sale.id}>
          <span>
            {onDay(sale.paidAt)} · {sale.buyer} · {sale.item} · {inMoney(sale.amount, sale)}
            {sale.refunded > 0 && ` (${inMoney(sale.refunded, sale)} given back)`}
          </span>
          {sale.refunded < sale.amount && (
            <button type="button" class="button small" onClick={() => setToRefund(sale)}>
              Give back
            </button>
          )}
        </div>
      ))}
      {toRefund && (
        <Confirm
          title={`Give ${inMoney(toRefund.amount - toRefund.refunded, toRefund)} back to ${toRefund.buyer}?`}
          action="Give back"
          isDangerous
          onConfirm={async () => {
            await attempt(moneyApi.refund(toRefund.id))
            sales.reload()
            earnings.reload()
          }}
          onClose={() => setToRefund(null)}
        >
          What was bought with it closes at once.
        </Confirm>
      )}
    </div>
  )
}
