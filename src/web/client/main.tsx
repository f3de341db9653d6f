import { render } from 'preact'
import { refreshMe } from './api/me.ts'
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
import { Layout } from './ui/layout.tsx'
import './ui/tokens.css'
import './ui/base.css'
import './ui/parts.css'
import './ui/layout.css'
import './player/stage.css'
import './chat/chat.css'

const routes: [string, (found: Record<string, string>) => preact.JSX.Element][] = [
  ['/', () => <Home />],
  ['/c/:slug', ({ slug = '' }) => <Watch key={slug} slug={slug} />],
  ['/setup', () => <Setup />],
  ['/sign-in', () => <SignIn />],
  ['/register', () => <Register />],
  ['/studio', () => <Studio />],
  ['/studio/:slug/chat', ({ slug = '' }) => <ChatDock key={slug} slug={slug} />],
  ['/studio/:slug', ({ slug = '' }) => <StudioChannel key={slug} slug={slug} />],
]

function Page() {
  const { path } = place.value
  const overlay = match('/overlay/:secret', path)
  if (overlay) return <Overlay secret={overlay.secret ?? ''} />
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
