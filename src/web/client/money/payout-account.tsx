import { useEffect, useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import { Notice } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { type PayoutAccountView, payoutsApi } from './payouts-api.ts'

/** Where Stripe pays out to. */
const COUNTRIES =
  'AE AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GI GR HK HR HU IE IT JP LI LT LU LV MT MX MY NL NO NZ PL PT RO SE SG SI SK TH US'.split(
    ' ',
  )

const WORDS = {
  incomplete: 'Not complete',
  active: 'Active',
  restricted: 'Not accepted',
}

/** Where the creator is paid out to: none, what is missing, or in order. Who they are they tell the provider alone. */
export function PayoutAccount(props: { channelId: string; account: PayoutAccountView | null; onChange(): void }) {
  const { channelId, account, onChange } = props
  const [wrong, setWrong] = useState<string | null>(null)
  const look = () => payoutsApi.look(channelId).then(onChange, (error: unknown) => setWrong(asApiError(error).message))

  // Who comes back from the provider's page is often here before its word is.
  const isOpen = account !== null && account.state !== 'active'
  useEffect(() => {
    if (isOpen) look()
  }, [channelId])

  return (
    <section class="card padded stack" aria-labelledby="payout-account">
      <div class="row apart">
        <h2 id="payout-account">Payout account</h2>
        {account && (
          <span class={`badge ${account.state}`} data-account={account.state}>
            {WORDS[account.state]}
          </span>
        )}
      </div>
      <About account={account} />
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div class="stack">
        <Connect channelId={channelId} account={account} />
        {isOpen && (
          <div>
            <button type="button" class="button small" onClick={look}>
              Look again
            </button>
          </div>
        )}
      </div>
    </section>
  )
}

function About({ account }: { account: PayoutAccountView | null }) {
  if (!account) {
    return (
      <p class="soft">
        Until you connect one, the platform keeps what is yours. You tell the payment provider who you are and which
        bank account is yours; this platform sees nothing of it.
      </p>
    )
  }
  if (account.state === 'active') {
    return <p class="soft">What you earn goes there by itself, and from there to your bank.</p>
  }
  if (account.state === 'restricted') {
    return <Notice isBad>The payment provider does not pay out to this account. Ask it why, on its own page.</Notice>
  }
  if (account.missing.length === 0) {
    return (
      <p class="soft">The payment provider is looking at what you told it. What you earn is kept for you meanwhile.</p>
    )
  }
  return (
    <div class="stack tight">
      <p class="soft">The payment provider asks for this still; what you earn is kept for you meanwhile:</p>
      <ul>
        {account.missing.map((name) => (
          <li key={name}>{asked(name)}</li>
        ))}
      </ul>
    </div>
  )
}

function Connect({ channelId, account }: { channelId: string; account: PayoutAccountView | null }) {
  const { onSubmit, wrong, isBusy } = useSubmit(async ({ country }) => {
    const { url } = await payoutsApi.connect(channelId, country)
    location.assign(url)
  })
  const names = new Intl.DisplayNames('en', { type: 'region' })
  const countries = COUNTRIES.map((code) => ({ code, name: names.of(code) ?? code }))
  const label = !account ? 'Connect an account' : account.state === 'incomplete' ? 'Go on' : 'Change details'
  return (
    <form class="stack" onSubmit={onSubmit}>
      {!account && (
        <div class="field">
          <label for="country">Country</label>
          <select class="input" id="country" name="country" required>
            <option value="">Choose</option>
            {countries
              .toSorted((a, b) => a.name.localeCompare(b.name))
              .map(({ code, name }) => (
                <option value={code} key={code}>
                  {name}
                </option>
              ))}
          </select>
          <p class="hint">Where you live, or where your business is. It cannot be changed later.</p>
        </div>
      )}
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div>
        <button type="submit" class={`button${account?.state === 'active' ? '' : ' primary'}`} disabled={isBusy}>
          {label}
        </button>
      </div>
    </form>
  )
}

/** "identity.individual.legal_name" as somebody would say it; what is words already stays so. */
function asked(name: string): string {
  return name.replace(/^identity\.(individual\.)?/, '').replaceAll(/[._]/g, ' ')
}
