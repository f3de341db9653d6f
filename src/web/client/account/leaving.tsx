import { useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { navigate } from '../router.ts'
import { toast } from '../ui/parts.tsx'
import { accountApi } from './account-api.ts'
import { WithPassword } from './second-factor.tsx'

export function Leaving() {
  const [isSure, sure] = useState(false)
  return (
    <section class="card padded stack" aria-labelledby="leaving">
      <h2 id="leaving">Your data</h2>
      <div>
        <a class="button" href="/api/account/export" download>
          Download my data
        </a>
      </div>
      <p class="soft">
        Deleting your account deletes your channels with it, at once and for good. What you bought stays in the books,
        as the law asks, without your name.
      </p>
      {isSure ? (
        <WithPassword
          action="Delete my account for good"
          isDangerous
          send={async (password) => {
            await accountApi.leave(password)
            toast('Your account is deleted')
            navigate('/')
            me.value = null
          }}
        />
      ) : (
        <div>
          <button type="button" class="button danger" onClick={() => sure(true)}>
            Delete my account
          </button>
        </div>
      )}
    </section>
  )
}
