import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { place } from '../router.ts'
import { Confirm, Notice, toast } from '../ui/parts.tsx'
import { ago } from '../ui/words.ts'
import { accountApi, type SecurityView } from './account-api.ts'

/** Why somebody came back from elsewhere without that account being linked. */
const REFUSED: Record<string, string> = {
  account_already_linked_to_different_user: 'That account opens another account here already.',
  unable_to_link_account: 'That account has no confirmed e-mail address, so it cannot be linked.',
  other: 'That did not work. Nothing has changed.',
}

type Link = SecurityView['elsewhere'][number]

/** Accounts elsewhere that open this one. */
export function Elsewhere({ links, onChange }: { links: Link[]; onChange(): void }) {
  const { value: ways } = useLoaded('ways', accountApi.ways)
  const [leaving, leave] = useState<Link | null>(null)
  const offered = ways?.elsewhere ?? []
  const nameOf = (provider: string) => offered.find((one) => one.provider === provider)?.name ?? provider
  const missing = offered.filter(({ provider }) => !links.some((link) => link.provider === provider))
  const cameBackWith = place.value.search.get('error')
  if (offered.length === 0 && links.length === 0) return null

  async function link(provider: string) {
    try {
      location.assign((await accountApi.link(provider)).url)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }

  async function unlink({ id, provider }: Link) {
    try {
      await accountApi.unlink(id)
      toast(`${nameOf(provider)} opens this account no more`)
      onChange()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }

  return (
    <section class="card padded stack" aria-labelledby="elsewhere">
      <h2 id="elsewhere">Accounts elsewhere</h2>
      {cameBackWith && <Notice isBad>{REFUSED[cameBackWith] ?? REFUSED.other}</Notice>}
      <p class="soft">Sign in here with an account you have somewhere else.</p>
      <ul class="keys">
        {links.map((one) => (
          <li key={one.id}>
            <div class="words">
              <div>{nameOf(one.provider)}</div>
              <div class="fine">Linked {ago(one.createdAt)}</div>
            </div>
            <button
              type="button"
              class="button small danger"
              aria-label={`Unlink ${nameOf(one.provider)}`}
              onClick={() => leave(one)}
            >
              Unlink
            </button>
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <div class="row">
          {missing.map(({ provider, name }) => (
            <button type="button" class="button" key={provider} onClick={() => link(provider)}>
              Link {name}
            </button>
          ))}
        </div>
      )}
      {leaving && (
        <Confirm
          title={`Unlink ${nameOf(leaving.provider)}?`}
          action="Unlink"
          isDangerous
          onConfirm={() => unlink(leaving)}
          onClose={() => leave(null)}
        >
          <p>You can no longer sign in here with it.</p>
        </Confirm>
      )}
    </section>
  )
}
