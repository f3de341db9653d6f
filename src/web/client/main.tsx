import { render } from 'preact'
import { NewAddress, Reset, SignInLink, Verify } from './account/by-mail.tsx'
import { refreshMe } from './api/me.ts'
import { ChannelSales } from './money/channel-sales.tsx'
import { CheckoutReturn } from './money/checkout-return.tsx'
import { Earnings } from './money/earnings.tsx'
import { Gift } from './money/gift.tsx'
import { MyPurchases } from './money/my-purchases.tsx'
import { TestAccount } from './money/test-account.tsx'
import { TestCheckout } from './money/test-checkout.tsx'
import { AuditLog } from './operator/audit-log.tsx'
import { Mail } from './operator/mail.tsx'
import { ThisNode } from './operator/node.tsx'
import { People } from './operator/people.tsx'
import { Account } from './pages/account.tsx'
import { Embed } from './pages/embed.tsx'
import { Home } from './pages/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { Overlay } from './pages/overlay.tsx'
import { Setup } from './pages/setup.tsx'
import { Register, SignIn } from './pages/sign-in.tsx'
import { Watch } from './pages/watch.tsx'
import { place, startRouter } from './router.ts'
import { match } from './routes.ts'
import { ChatDock } from './studio/chat-dock.tsx'
import { Studio } from './studio/studio.tsx'
import { StudioChannel } from './studio/studio-channel.tsx'
import { later } from './ui/later.tsx'
import { Layout } from './ui/layout.tsx'
import './ui/tokens.css'
import './ui/base.css'
import './ui/parts.css'
import './ui/layout.css'
import './player/stage.css'
import './chat/chat.css'
import './studio/studio.css'
import './money/earnings.css'

const figures = () => import('./analytics/pages.tsx')
const ChannelReport = later(async () => (await figures()).ChannelReport)
const SessionReport = later(async () => (await figures()).SessionReport)
const Compare = later(async () => (await figures()).Compare)
const NodeLoad = later(async () => (await figures()).NodeLoad)

const routes: [string, (found: Record<string, string>) => preact.JSX.Element][] = [
  ['/', () => <Home />],
  ['/c/:slug', ({ slug = '' }) => <Watch key={slug} slug={slug} />],
  ['/setup', () => <Setup />],
  ['/sign-in', () => <SignIn />],
  ['/register', () => <Register />],
  ['/verify', () => <Verify />],
  ['/operator', () => <ThisNode />],
  ['/operator/people', () => <People />],
  ['/operator/mail', () => <Mail />],
  ['/operator/load', () => <NodeLoad />],
  ['/operator/audit', () => <AuditLog />],
  ['/reset', () => <Reset />],
  ['/sign-in/link', () => <SignInLink />],
  ['/account', () => <Account />],
  ['/account/new-address', () => <NewAddress />],
  ['/studio', () => <Studio />],
  ['/studio/:slug/chat', ({ slug = '' }) => <ChatDock key={slug} slug={slug} />],
  ['/studio/:slug/sales', ({ slug = '' }) => <ChannelSales key={slug} slug={slug} />],
  ['/studio/:slug/audience', ({ slug = '' }) => <ChannelReport key={slug} slug={slug} />],
  [
    '/studio/:slug/audience/:session',
    ({ slug = '', session = '' }) => <SessionReport key={session} slug={slug} sessionId={session} />,
  ],
  [
    '/studio/:slug/compare/:first/:second',
    ({ slug = '', first = '', second = '' }) => (
      <Compare key={`${first} ${second}`} slug={slug} ids={[first, second]} />
    ),
  ],
  ['/studio/:slug/earnings', ({ slug = '' }) => <Earnings key={slug} slug={slug} />],
  ['/purchases', () => <MyPurchases />],
  ['/checkout/return', () => <CheckoutReturn />],
  ['/test-money/accounts/:id', ({ id = '' }) => <TestAccount key={id} id={id} />],
  ['/test-money/:id', ({ id = '' }) => <TestCheckout key={id} id={id} />],
  ['/gift/:code', ({ code = '' }) => <Gift key={code} code={code} />],
  ['/studio/:slug', ({ slug = '' }) => <StudioChannel key={slug} slug={slug} />],
]

function Page() {
  const { path } = place.value
  const overlay = match('/overlay/:secret', path)
  if (overlay) return <Overlay secret={overlay.secret ?? ''} />
  const embedded = match('/embed/:slug', path)?.slug
  if (embedded !== undefined) return <Embed slug={embedded} />
  for (const [pattern, page] of routes) {
    const found = match(pattern, path)
    if (found) return <Layout>{page(found)}</Layout>
  }
  return (
    <Layout>
      <NotFound />
    </Layout>
  )
}

const root = document.getElementById('page')
if (root) {
  startRouter()
  refreshMe()
  render(<Page />, root)
}
