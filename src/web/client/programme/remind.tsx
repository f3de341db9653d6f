import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError } from '../api/use-loaded.ts'
import { navigate, place } from '../router.ts'
import { toast } from '../ui/parts.tsx'
import { programmeApi, type ShowView } from './programme-api.ts'

/** To be told shortly before a show begins. */
export function Remind({ show }: { show: ShowView }) {
  const [isReminded, setReminded] = useState(show.isReminded)
  async function press() {
    if (!me.value) return navigate(`/sign-in?next=${encodeURIComponent(place.value.path)}`)
    try {
      await (isReminded ? programmeApi.forget(show.id) : programmeApi.remind(show.id))
      setReminded(!isReminded)
      if (!isReminded) toast('You are told a quarter of an hour before it begins.')
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <button type="button" class="button small" aria-pressed={isReminded} onClick={press}>
      {isReminded ? 'You will be reminded' : 'Remind me'}
    </button>
  )
}
