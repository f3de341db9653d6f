import { useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { ago } from '../ui/words.ts'
import { AdminsOnly } from './admins-only.tsx'
import { operatorApi } from './operator-api.ts'

export function Mail() {
  usePageTitle('Mail')
  return (
    <AdminsOnly>
      <Kept />
    </AdminsOnly>
  )
}

function Kept() {
  const { value, error } = useLoaded('mail', operatorApi.mail)
  return (
    <div class="stack wide">
      <h1>Mail that did not leave</h1>
      {error && <Notice isBad>{error.message}</Notice>}
      {value && !value.isConfigured && (
        <Notice>No mail leaves this node until SMTP_URL is set. Until then, hand these on yourself.</Notice>
      )}
      {value?.mail.length === 0 && <p class="soft">There is none.</p>}
      {value?.mail.map(({ id, at, to, subject, text, problem }) => (
        <article class="card padded stack tight" key={id}>
          <h2>{subject}</h2>
          <p class="fine">
            To {to}, {ago(at)}
            {problem && ` · ${problem}`}
          </p>
          <pre class="letter">{text}</pre>
        </article>
      ))}
    </div>
  )
}
