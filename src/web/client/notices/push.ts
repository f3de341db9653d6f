import { noticesApi } from './notices-api.ts'

const WORKER = '/push-worker.js'
/** The name the node gave this browser, to be ended by. */
const KEPT = 'footlight.push'

/** Why this browser cannot take pushes, in words; null when it can. */
export function whyNoPush(): string | null {
  if (!isSecureContext) return 'Pushes need an address with https.'
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return 'This browser does not take pushes.'
  return Notification.permission === 'denied' ? 'This browser was told not to show notices of this site.' : null
}

export const isPushOn = () => localStorage.getItem(KEPT) !== null && whyNoPush() === null

export async function turnPushOn(pushKey: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('Notices were not allowed.')
  await navigator.serviceWorker.register(WORKER)
  const { pushManager } = await navigator.serviceWorker.ready
  // One made with another key of the node is of no use any more.
  await (await pushManager.getSubscription())?.unsubscribe()
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey })
  const { endpoint = '', keys } = subscription.toJSON()
  const { id } = await noticesApi.addBrowser({ endpoint, keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } })
  localStorage.setItem(KEPT, id)
}

/** Also when one signs out: what comes next is for somebody else. */
export async function turnPushOff(): Promise<void> {
  const id = localStorage.getItem(KEPT)
  if (id === null) return
  localStorage.removeItem(KEPT)
  await noticesApi.removeBrowser(id)
  const registration = await navigator.serviceWorker.getRegistration(WORKER)
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}
