import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { navigate } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { moneyApi } from './money-api.ts'
import { inDays, TIER_NAMES } from './words.ts'

/** A gift link was opened: taken by a press, not by looking, so that link previews use nothing up. */
export function Gift({ code }: { code: string }) {
  usePageTitle('A gift')
  const { value: gift, error } = useLoaded(`gift ${code}`, () => moneyApi.gift(code))
  const [wrong, setWrong] = useState<string | null>(null)
  async function take() {
    try {
      await moneyApi.redeem(code)
      navigate(`/c/${gift?.channelSlug}`)
    } catch (failed) {
      const refused = asApiError(failed)
      if (refused.status === 401) navigate(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
      else setWrong(refused.message)
    }
  }
  if (error) {
    return (
      <div class="narrow stack">
        <h1>No such gift</h1>
        <Notice isBad>{error.message}</Notice>
      </div>
    )
  }
  if (!gift) return null
  return (
    <div class="narrow stack">
      <h1>Somebody gives you a membership</h1>
      <div class="card padded stack tight">
        <strong>{gift.channelName}</strong>
        <span class="soft">
          {gift.tier && `${TIER_NAMES[gift.tier]}, `}
          {inDays(gift.days)}
        </span>
      </div>
      {wrong && <Notice isBad>{wrong}</Notice>}
      {gift.isGood ? (
        <button type="button" class="button primary" onClick={take}>
          Take it
        </button>
      ) : (
        <Notice>This gift was taken already, or is not good any more.</Notice>
      )}
      <a class="button" href={`/c/${gift.channelSlug}`}>
        To the channel
      </a>
    </div>
  )
}
