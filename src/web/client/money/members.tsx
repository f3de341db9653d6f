import type { Pages } from '../api/use-pages.ts'
import { PagedList } from '../ui/pages.tsx'
import type { MemberView } from './money-api.ts'
import type { WhyOf } from './why.tsx'
import { standingOf, TIER_NAMES } from './words.ts'

export function Members({ members, onAsk }: { members: Pages<MemberView>; onAsk(of: WhyOf): void }) {
  return (
    <section class="card padded stack" aria-labelledby="members">
      <h2 id="members">Members</h2>
      <PagedList
        pages={members}
        empty="Nobody is a member yet."
        line={(one) => (
          <>
            <div class="words" data-member={one.state}>
              <div>
                {one.member} <span class="fine">{one.name}</span>
              </div>
              <div class="fine">
                {one.tier && `${TIER_NAMES[one.tier]} · `}
                {one.billing === 'year' ? 'by the year' : 'by the month'} · {standingOf(one)}
              </div>
            </div>
            <button
              type="button"
              class="button small"
              onClick={() => onAsk({ userId: one.userId, name: one.member })}
              aria-label={`Can they watch? ${one.member}`}
            >
              Can they watch?
            </button>
          </>
        )}
      />
    </section>
  )
}
