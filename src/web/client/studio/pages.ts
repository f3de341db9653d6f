/** The pages of whoever broadcasts, loaded together. */
export { ChannelSales } from '../money/channel-sales.tsx'
export { Earnings } from '../money/earnings.tsx'
export { Schedule } from '../programme/schedule.tsx'
export { ChatDock } from './chat-dock.tsx'
export { Studio } from './studio.tsx'
export { StudioChannel } from './studio-channel.tsx'
