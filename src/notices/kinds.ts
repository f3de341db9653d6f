/** What people can be told of, and by which ways they are unless they choose otherwise. */
import { z } from 'zod'

export const KINDS = ['live', 'soon', 'changed', 'chat', 'money'] as const
export type Kind = (typeof KINDS)[number]

const WAYS = ['app', 'mail', 'push'] as const
export type Way = (typeof WAYS)[number]

/** A channel one follows goes live often; what one asked for, paid for or owes is worth a mail. */
const DEFAULTS: Record<Kind, Record<Way, boolean>> = {
  live: { app: true, mail: false, push: true },
  soon: { app: true, mail: true, push: true },
  changed: { app: true, mail: true, push: true },
  chat: { app: true, mail: false, push: true },
  money: { app: true, mail: true, push: false },
}

const Ways = z.partialRecord(z.enum(WAYS), z.boolean())
const Choices = z.partialRecord(z.enum(KINDS), Ways)
/** What somebody chose: only what differs from the defaults, which may grow. */
export type Choices = z.infer<typeof Choices>

export const parseChoices = (text: string | null | undefined): Choices => (text ? Choices.parse(JSON.parse(text)) : {})

export const isOn = (choices: Choices, kind: Kind, way: Way) => choices[kind]?.[way] ?? DEFAULTS[kind][way]

export const allChoices = (choices: Choices) =>
  KINDS.map((kind) => ({
    kind,
    app: isOn(choices, kind, 'app'),
    mail: isOn(choices, kind, 'mail'),
    push: isOn(choices, kind, 'push'),
  }))
