import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { Confirm, CopyField, Field, Notice, toast } from '../ui/parts.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { atTime, onDay } from './amounts.ts'
import { type GiftLinkView, moneyApi } from './money-api.ts'
import { inDays, TIER_NAMES } from './words.ts'

const TIERS = Object.entries(TIER_NAMES).map(([value, label]) => ({ value, label }))
/** What is taken back: a link, or a right somebody has. */
type Ending = { title: string; words: string; act(): Promise<unknown> }

/** Rights a creator gives for nothing: by a link, or to somebody they know by name. */
export function Guests({ channelId, people }: { channelId: string; people: { value: string; label: string }[] }) {
  const links = useLoaded(`gifts ${channelId}`, () => moneyApi.giftLinks(channelId))
  const comps = useLoaded(`comps ${channelId}`, () => moneyApi.comps(channelId))
  const [open, setOpen] = useState<'link' | 'person' | null>(null)
  const [ending, setEnding] = useState<Ending | null>(null)
  const error = links.error ?? comps.error
  function done() {
    setOpen(null)
    links.reload()
    comps.reload()
  }
  return (
    <section class="card padded stack" aria-labelledby="guests">
      <div class="row apart">
        <h2 id="guests">Guests and gift links</h2>
        <div class="row">
          <button type="button" class="button small" onClick={() => setOpen('link')}>
            New gift link
          </button>
          {people.length > 0 && (
            <button type="button" class="button small" onClick={() => setOpen('person')}>
              Let somebody in
            </button>
          )}
        </div>
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      {open && (
        <NewGuest
          key={open}
          channelId={channelId}
          people={open === 'person' ? people : null}
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
      {links.value?.gifts.length === 0 && comps.value?.comps.length === 0 && !open && (
        <p class="soft">Nobody yet. A gift link gives a membership to the first who take it.</p>
      )}
      <ul class="keys">
        {links.value?.gifts.map((gift) => (
          <li key={gift.id} data-gift={gift.id}>
            <div class="words">
              <CopyField label={linkInWords(gift)} value={`${location.origin}/gift/${gift.code}`} />
            </div>
            <button
              type="button"
              class="button small danger"
              onClick={() =>
                setEnding({
                  title: 'End this gift link?',
                  words: 'It opens nothing any more. Who took it keeps what it gave.',
                  act: () => moneyApi.endGiftLink(channelId, gift.id),
                })
              }
            >
              End
            </button>
          </li>
        ))}
        {comps.value?.comps.map((comp) => (
          <li key={comp.id} data-comp={comp.id}>
            <div class="words">
              <div>{comp.person}</div>
              <div class="fine">
                {[
                  comp.tier ? TIER_NAMES[comp.tier] : 'A show',
                  comp.expiresAt ? `until ${onDay(comp.expiresAt)}` : 'for ever',
                  comp.note,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </div>
            <button
              type="button"
              class="button small danger"
              onClick={() =>
                setEnding({
                  title: `Take it back from ${comp.person}?`,
                  words: 'What they were given closes at once.',
                  act: () => moneyApi.endComp(channelId, comp.id),
                })
              }
            >
              Take back
            </button>
          </li>
        ))}
      </ul>
      {ending && (
        <Confirm
          title={ending.title}
          action="Yes"
          isDangerous
          onConfirm={async () => {
            await ending.act().catch((failed: unknown) => toast(asApiError(failed).message))
            done()
          }}
          onClose={() => setEnding(null)}
        >
          {ending.words}
        </Confirm>
      )}
    </section>
  )
}

interface NewGuestProps {
  channelId: string
  /** Null: a link. */
  people: { value: string; label: string }[] | null
  onDone(): void
  onClose(): void
}

function NewGuest({ channelId, people, onDone, onClose }: NewGuestProps) {
  const { onSubmit, wrong, wrongFields, isBusy } = useSubmit(async (fields) => {
    const { tier, userId, note = '' } = fields
    const days = fields.days ? Number(fields.days) : null
    if (people) await moneyApi.giveComp(channelId, { userId, tier, days, note })
    else {
      const expiresAt = fields.expiresAt ? new Date(fields.expiresAt).toISOString() : null
      await moneyApi.makeGiftLink(channelId, { tier, days, maxUses: Number(fields.maxUses), expiresAt })
    }
    onDone()
  })
  return (
    <form class="stack" onSubmit={onSubmit} aria-label={people ? 'Let somebody in' : 'New gift link'}>
      <div class="pair">
        {people && <SelectField label="Whom" name="userId" options={people} hint="Members and buyers of yours." />}
        <SelectField label="Membership" name="tier" options={TIERS} />
        <Field label="For how many days" name="days" type="number" wrong={wrongFields.days} hint="Empty: for ever." />
        {people ? (
          <Field label="Note" name="note" maxLength={200} hint="For yourself." />
        ) : (
          <>
            <Field
              label="For how many people"
              name="maxUses"
              type="number"
              value="1"
              wrong={wrongFields.maxUses}
              required
            />
            <Field label="To be taken until" name="expiresAt" type="datetime-local" hint="Empty: at any time." />
          </>
        )}
      </div>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <div class="row">
        <button type="submit" class="button primary" disabled={isBusy}>
          {people ? 'Let them in' : 'Make the link'}
        </button>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function linkInWords({ tier, days, uses, maxUses, expiresAt }: GiftLinkView): string {
  const what = `${tier ? TIER_NAMES[tier] : ''} ${inDays(days)}`
  const until = expiresAt ? `, until ${atTime(expiresAt)}` : ''
  return `${what}, ${uses} of ${maxUses} taken${until}`
}
