/** The pages of whoever buys, loaded together. */
export { CheckoutReturn } from './checkout-return.tsx'
export { Gift } from './gift.tsx'
export { MyPurchases } from './my-purchases.tsx'
export { TestAccount } from './test-account.tsx'
export { TestCheckout } from './test-checkout.tsx'
