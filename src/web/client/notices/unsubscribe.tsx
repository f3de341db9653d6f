import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { noticesApi } from './notices-api.ts'

/** Behind the link in a mail. Fetching the page does nothing: a mail program may have looked at it. */
export function Unsubscribe({ word }: { word: string }) {
  usePageTitle('No more of these mails')
  const [isDone, setDone] = useState(false)
  const [wrong, setWrong] = useState<string | null>(null)
  async function end() {
    try {
      await noticesApi.endMails(word)
      setDone(true)
    } catch (error) {
      setWrong(asApiError(error).message)
    }
  }
  return (
    <div class="narrow stack">
      <h1>{isDone ? 'Done' : 'No more of these mails?'}</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      {isDone ? (
        <p class="soft">You get no more mails of this kind. Other ways and kinds stay as they were.</p>
      ) : (
        <div>
          <button type="button" class="button primary" onClick={end}>
            No more of them
          </button>
        </div>
      )}
      <p>
        <a href="/account">All you are told of, and how</a>
      </p>
    </div>
  )
}
