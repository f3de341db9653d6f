import { Notice } from '../ui/parts.tsx'

/** Beside every price, while nothing here costs real money. */
export function TestMoneyBanner() {
  return <Notice>This node runs on test money: nothing here costs anything, and no card is asked for.</Notice>
}
