import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import { navigate } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { moneyApi } from './money-api.ts'

/** A gift link was opened: taken by a press, not by looking, so that link previews use nothing up. */
export function Gift({ code }: { code: string }) {
  usePageTitle('A gift')
  const [wrong, setWrong] = useState<string | null>(null)
  async function take() {
    try {
      navigate(`/c/${(await moneyApi.redeem(code)).channelId}`)
    } catch (error) {
      const refused = asApiError(error)
      if (refused.status === 401) navigate(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
      else setWrong(refused.message)
    }
  }
  return (
    <div class="narrow stack">
      <h1>Somebody gives you a membership</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <button type="button" class="button primary" onClick={take}>
        Take it
      </button>
    </div>
  )
}
