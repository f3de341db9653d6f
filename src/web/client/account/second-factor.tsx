import { useState } from 'preact/hooks'
import { CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { accountApi, type NewTotp } from './account-api.ts'

export function SecondFactor({ isOn, onChange }: { isOn: boolean; onChange(): void }) {
  const [begun, setBegun] = useState<NewTotp | null>(null)
  return (
    <section class="card padded stack" aria-labelledby="second-factor">
      <h2 id="second-factor">Second factor</h2>
      <p class="soft">
        {isOn
          ? 'On: signing in asks for a code of your authenticator app.'
          : 'A code of an authenticator app beside your password keeps others out, even if they know it.'}
      </p>
      {begun ? (
        <Confirm
          begun={begun}
          onDone={() => {
            setBegun(null)
            onChange()
          }}
        />
      ) : (
        <WithPassword
          key={String(isOn)}
          action={isOn ? 'Turn the second factor off' : 'Set up a second factor'}
          send={async (password) => {
            if (!isOn) return setBegun(await accountApi.beginTotp(password))
            await accountApi.endTotp(password)
            toast('The second factor is off')
            onChange()
          }}
        />
      )}
    </section>
  )
}

function Confirm({ begun, onDone }: { begun: NewTotp; onDone(): void }) {
  const { onSubmit, wrong, isBusy } = useSubmit(async ({ code = '' }) => {
    await accountApi.confirmTotp(code.trim())
    toast('The second factor is on')
    onDone()
  })
  return (
    <form class="stack" onSubmit={onSubmit}>
      <p>Scan this with your authenticator app, or type the secret.</p>
      <img
        src={`data:image/svg+xml,${encodeURIComponent(begun.qr)}`}
        alt="QR code for the authenticator app"
        width="200"
        height="200"
      />
      <CopyField label="Secret" value={begun.secret} secret />
      <CopyField
        label="Backup codes"
        value={begun.backupCodes.join(' ')}
        hint="Each works once when the app is lost. Keep them elsewhere; they are shown only now."
      />
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field label="Code the app shows now" name="code" autocomplete="one-time-code" required maxLength={6} />
      <div>
        <button type="submit" class="button primary" disabled={isBusy}>
          Turn it on
        </button>
      </div>
    </form>
  )
}

/** What is asked for once more before something that matters. */
export function WithPassword(props: { action: string; isDangerous?: boolean; send(password: string): Promise<void> }) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(({ password = '' }) => props.send(password))
  return (
    <form class="stack" onSubmit={onSubmit}>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <Field
        label="Your password"
        name="password"
        type="password"
        wrong={wrongFields.password}
        autocomplete="current-password"
        required
      />
      <div>
        <button type="submit" class={`button${props.isDangerous ? ' danger' : ''}`} disabled={isBusy}>
          {props.action}
        </button>
      </div>
    </form>
  )
}
