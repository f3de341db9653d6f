import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import { minorDigits } from './money.ts'
import type { NewOffer, Offers } from './offers.ts'

/** What a message in the chat costs at least. It is an offer of the channel's, of which the buyer names the price. */
export function createPaidMessages({ offers, isTest }: { offers: Offers; isTest: boolean }) {
  async function find(channelId: string) {
    return (await offers.listOf(channelId)).findLast(({ kind }) => kind === 'message') ?? null
  }

  async function termsOf(channelId: string) {
    const offer = await find(channelId)
    if (!offer) return null
    const { id, price, currency } = offer
    return { offerId: id, least: price, currency, digits: minorDigits(currency), isTest }
  }

  /** Null: none are taken any more. */
  async function setTerms(actor: User, channelId: string, terms: { least: number; currency: string } | null) {
    const before = await find(channelId)
    if (before) await offers.withdraw(actor, before.id)
    if (terms) await offers.create(actor, channelId, { ...BARE, price: terms.least, currency: terms.currency })
    else if (!before) throw new DomainError('conflict', 'none_taken', 'This channel takes no paid messages.')
  }

  return { termsOf, setTerms }
}

const BARE: Omit<NewOffer, 'price' | 'currency'> = {
  ...{ kind: 'message', target: null, tier: 0, name: 'Paid message', perks: '', yearlyPrice: null },
  ...{ earlyPrice: null, earlyUntil: null, seats: null, saleFrom: null, saleUntil: null },
  ...{ replayDays: null, rentHours: null, rentFrom: null, trialDays: 0 },
}
