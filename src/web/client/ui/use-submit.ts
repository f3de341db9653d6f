import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'

/** Sends a form's fields once, and gives back what went wrong: in one sentence, and beside the fields it names. */
export function useSubmit(send: (fields: Record<string, string>) => Promise<void>) {
  const [wrong, setWrong] = useState<string | null>(null)
  const [wrongFields, setWrongFields] = useState<Record<string, string>>({})
  const [isBusy, setBusy] = useState(false)

  async function onSubmit(event: SubmitEvent) {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement) || isBusy) return
    const fields: Record<string, string> = {}
    for (const [name, value] of new FormData(event.currentTarget)) if (typeof value === 'string') fields[name] = value
    setBusy(true)
    setWrong(null)
    setWrongFields({})
    try {
      await send(fields)
    } catch (error) {
      const { message, details } = asApiError(error)
      setWrong(message)
      setWrongFields(fieldsIn(details))
    } finally {
      setBusy(false)
    }
  }
  return { onSubmit, wrong, wrongFields, isBusy }
}

/** The server's `details` of refused input: `[{ field, message }]`. */
function fieldsIn(details: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  for (const one of Array.isArray(details) ? details : []) {
    if (typeof one?.field === 'string' && typeof one?.message === 'string') found[one.field] = one.message
  }
  return found
}
