import { DomainError } from '../platform/errors.ts'
import type { Provider } from './provider.ts'

/** Nothing is sold on this node. What is free can still be had, and comps and gifts be given. */
export function createNoMoney(): Provider {
  const refuse = async () => {
    throw new DomainError('unavailable', 'selling_off', 'Nothing is sold here at the moment.')
  }
  return {
    name: 'none',
    isTest: false,
    createCheckout: refuse,
    closeCheckout: async () => {},
    fetch: async () => null,
    refund: refuse,
    changeMembership: refuse,
    portalUrl: async () => null,
    readEvent: refuse,
    async *list() {},
    accounts: { open: refuse, onboardingUrl: refuse, fetch: async () => null, transfer: refuse, reverse: refuse },
  }
}
