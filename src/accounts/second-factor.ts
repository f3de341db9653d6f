import { toString as draw } from 'qrcode'
import { by, type RecordAct } from '../db/record-act.ts'
import type { User } from '../platform/user.ts'
import type { Auth } from './auth.ts'

export interface NewTotp {
  /** `otpauth://…`, for an app on the same device. */
  uri: string
  /** The same as a picture to scan: SVG. */
  qr: string
  /** The same to type. */
  secret: string
  backupCodes: string[]
}

/** The second factor and the passkeys of somebody who is signed in. */
export function createSecondFactor({ auth, recordAct }: { auth: Auth; recordAct: RecordAct }) {
  const note = (user: User, action: string) => recordAct({ ...by(user), action, target: `user:${user.id}` })

  return {
    async begin(password: string, headers: Headers): Promise<NewTotp> {
      const { uri, backupCodes } = await auth.beginTotp(password, headers)
      const qr = await draw(uri, { type: 'svg', margin: 2 })
      return { uri, qr, secret: new URL(uri).searchParams.get('secret') ?? '', backupCodes }
    },

    async confirm(user: User, code: string, headers: Headers): Promise<string[]> {
      const cookies = await auth.confirmTotp(code, headers)
      await note(user, 'second_factor.on')
      return cookies
    },

    async end(user: User, password: string, headers: Headers): Promise<string[]> {
      const cookies = await auth.endTotp(password, headers)
      await note(user, 'second_factor.off')
      return cookies
    },

    async newBackupCodes(user: User, password: string, headers: Headers): Promise<string[]> {
      const codes = await auth.newBackupCodes(password, headers)
      await note(user, 'second_factor.new_backup_codes')
      return codes
    },
  }
}
