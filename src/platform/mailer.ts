import { createTransport } from 'nodemailer'
import type { Clock } from './clock.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import type { Secret } from './secret.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html?: string
  headers?: Record<string, string>
}

/** A plain letter of this site, which its subject names. */
export function letterOf(publicUrl: string, to: string, subject: string, ...paragraphs: string[]): Mail {
  return { to, subject: `${subject} – ${new URL(publicUrl).host}`, text: `${paragraphs.join('\n\n')}\n` }
}

/** A mail that did not leave this node, for the operator to hand on. */
export interface KeptMail {
  id: string
  at: number
  to: string
  subject: string
  text: string
  /** Null where no SMTP server is set; otherwise what the server said. */
  problem: string | null
}

interface MailerOptions {
  mail: { url: Secret; from: string } | null
  logger: Logger
  clock: Clock
}

/** The newest that did not leave; the log has the older ones. */
const KEPT = 200
const PATIENCE_MS = 20_000

export type Mailer = ReturnType<typeof createMailer>

/**
 * Mail through SMTP. Where none is set, or the server does not take it, the text with its link goes to the log and to
 * the list the operator's page shows: it is never silently lost, so `send` does not throw but says which it was.
 */
export function createMailer({ mail, logger, clock }: MailerOptions) {
  const transport =
    mail &&
    createTransport(
      {
        url: mail.url.reveal(),
        // A thousand people told of one thing need not be a thousand connections.
        pool: true,
        connectionTimeout: PATIENCE_MS,
        greetingTimeout: PATIENCE_MS,
        socketTimeout: PATIENCE_MS,
      },
      { from: mail.from },
    )
  const kept: KeptMail[] = []

  async function send(letter: Mail): Promise<'sent' | 'kept'> {
    if (!transport) return keep(letter, null)
    try {
      await transport.sendMail({ ...letter, disableFileAccess: true, disableUrlAccess: true })
      logger.info({ subject: letter.subject }, 'mail sent')
      return 'sent'
    } catch (error) {
      return keep(letter, error instanceof Error ? error.message : String(error))
    }
  }

  function keep({ to, subject, text }: Mail, problem: string | null): 'kept' {
    kept.unshift({ id: newId(), at: clock.now(), to, subject, text, problem })
    kept.splice(KEPT)
    if (problem === null) logger.info({ to, subject, text }, 'mail not sent: no SMTP_URL is set')
    else logger.error({ to, subject, text, problem }, 'mail not sent: the SMTP server did not take it')
    return 'kept'
  }

  return { send, kept: (): readonly KeptMail[] => kept, close: () => transport?.close() }
}
