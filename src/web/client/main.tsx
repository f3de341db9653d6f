import { render } from 'preact'
import { refreshMe } from './api/me.ts'
import { Embed } from './pages/embed.tsx'
import { Home } from './pages/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { Overlay } from './pages/overlay.tsx'
import { Watch } from './pages/watch.tsx'
import { ShowPage } from './programme/show-page.tsx'
import { place, startRouter } from './router.ts'
import { match } from './routes.ts'
import { later } from './ui/later.tsx'
import { Layout } from './ui/layout.tsx'
import './ui/tokens.css'
import './ui/base.css'
import './ui/parts.css'
import './ui/layout.css'
import './player/stage.css'
import './chat/chat.css'
import './studio/studio.css'
import './programme/programme.css'
import './notices/notices.css'
import './money/earnings.css'

const studio = () => import('./studio/pages.ts')
const figures = () => import('./analytics/pages.tsx')
const account = () => import('./account/pages.ts')
const money = () => import('./money/pages.ts')
const operator = () => import('./operator/pages.ts')

const Studio = later(async () => (await studio()).Studio)
const StudioChannel = later(async () => (await studio()).StudioChannel)
const ChatDock = later(async () => (await studio()).ChatDock)
const Schedule = later(async () => (await studio()).Schedule)
const ChannelSales = later(async () => (await studio()).ChannelSales)
const Earnings = later(async () => (await studio()).Earnings)
const ThisNode = later(async () => (await operator()).ThisNode)
const People = later(async () => (await operator()).People)
const Mail = later(async () => (await operator()).Mail)
const AuditLog = later(async () => (await operator()).AuditLog)
const Account = later(async () => (await account()).Account)
const NewAddress = later(async () => (await account()).NewAddress)
const Reset = later(async () => (await account()).Reset)
const SignInLink = later(async () => (await account()).SignInLink)
const Verify = later(async () => (await account()).Verify)
const Register = later(async () => (await account()).Register)
const SignIn = later(async () => (await account()).SignIn)
const Setup = later(async () => (await account()).Setup)
const NoticesPage = later(async () => (await account()).NoticesPage)
const Unsubscribe = later(async () => (await account()).Unsubscribe)
const CheckoutReturn = later(async () => (await money()).CheckoutReturn)
const Gift = later(async () => (await money()).Gift)
const MyPurchases = later(async () => (await money()).MyPurchases)
const TestAccount = later(async () => (await money()).TestAccount)
const TestCheckout = later(async () => (await money()).TestCheckout)
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
  ['/studio/:slug/schedule', ({ slug = '' }) => <Schedule key={slug} slug={slug} />],
  ['/studio/:slug/sales', ({ slug = '' }) => <ChannelSales key={slug} slug={slug} />],
  ['/show/:code', ({ code = '' }) => <ShowPage key={code} code={code} />],
  ['/notices', () => <NoticesPage />],
  ['/unsubscribe/:word', ({ word = '' }) => <Unsubscribe key={word} word={word} />],
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
