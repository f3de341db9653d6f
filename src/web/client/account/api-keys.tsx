import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'
import { accountApi } from './account-api.ts'

export function ApiKeys() {
  const { value, error, reload } = useLoaded('api keys', accountApi.apiKeys)
  const [made, setMade] = useState<{ label: string; apiKey: string } | null>(null)
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async ({ label = '', ...ticked }) => {
    const scopes = Object.keys(ticked)
    setMade(await accountApi.createApiKey(label.trim(), scopes))
    reload()
  })

  async function revoke(id: string) {
    try {
      await accountApi.revokeApiKey(id)
      reload()
    } catch (problem) {
      toast(asApiError(problem).message)
    }
  }

  return (
    <section class="card padded stack" aria-labelledby="api-keys">
      <h2 id="api-keys">API keys</h2>
      <p class="soft">
        For programs that act for you. What they may do: see <a href="/api/docs">the reference</a>.
      </p>
      {made && (
        <div class="notice stack tight">
          <CopyField label={`API key “${made.label}”`} value={made.apiKey} secret />
          <p class="fine">Copy it now: it is shown only this once.</p>
        </div>
      )}
      {error && <Notice isBad>{error.message}</Notice>}
      <ul class="keys">
        {value?.apiKeys.map((key) => (
          <li key={key.id}>
            <div class="words">
              <div>{key.label}</div>
              <div class="fine">
                {key.scopes.join(', ')} · {key.lastUsedAt ? `last used ${ago(key.lastUsedAt)}` : 'never used'}
              </div>
            </div>
            <button
              type="button"
              class="button small danger"
              aria-label={`Revoke ${key.label}`}
              onClick={() => revoke(key.id)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      {value && (
        <form class="stack" onSubmit={onSubmit} key={value.apiKeys.length}>
          {wrong && <Notice isBad>{wrong}</Notice>}
          <Field label="Label of a new API key" name="label" wrong={wrongFields.label} required maxLength={60} />
          <fieldset class="stack tight">
            <legend>It may</legend>
            {value.scopes.map((scope) => (
              <label class="row" key={scope}>
                <input type="checkbox" name={scope} /> {scope}
              </label>
            ))}
          </fieldset>
          <div>
            <button type="submit" class="button" disabled={isBusy}>
              Create API key
            </button>
          </div>
        </form>
      )}
    </section>
  )
}
