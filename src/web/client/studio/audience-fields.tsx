import type { SessionView, SessionVisibility } from '../api/views.ts'
import { Choices, Field } from '../ui/parts.tsx'

const WHO = [
  { value: 'public', label: 'Everybody', hint: 'On the home page.' },
  { value: 'unlisted', label: 'Who has the address', hint: 'In no list.' },
  { value: 'followers', label: 'Followers', hint: 'Whoever follows the channel.' },
  { value: 'members', label: 'Members', hint: 'From the tier below up.' },
  { value: 'ticket', label: 'Ticket holders', hint: 'A ticket for this show.' },
  { value: 'private', label: 'Invited people', hint: 'Nobody else learns of it.' },
] as const

type Asked = Pick<SessionView, 'visibility' | 'requiredTier' | 'previewMinutes'>

/** Who a show is for, as part of a form. */
export function AudienceFields({ of, wrongFields }: { of: Asked; wrongFields: Record<string, string> }) {
  return (
    <>
      <Choices label="Who may watch" name="visibility" value={of.visibility} options={WHO} />
      <div class="pair">
        <Field
          label="From tier"
          name="tier"
          value={of.requiredTier ? String(of.requiredTier) : ''}
          hint="1 basic, 2 premium, 3 vip; empty for any."
          wrong={wrongFields.requiredTier ?? null}
          maxLength={1}
        />
        <Field
          label="Free minutes"
          name="freeMinutes"
          value={of.previewMinutes ? String(of.previewMinutes) : ''}
          hint="For each who may not watch otherwise."
          wrong={wrongFields.previewMinutes ?? null}
          maxLength={3}
        />
      </div>
    </>
  )
}

/** What the fields above say. */
export function audienceIn(fields: Record<string, string>, before: SessionVisibility): Asked {
  const visibility = WHO.find(({ value }) => value === fields.visibility)?.value ?? before
  return {
    visibility,
    requiredTier: Number(fields.tier) || null,
    previewMinutes: Number(fields.freeMinutes) || 0,
  }
}
