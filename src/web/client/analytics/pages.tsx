/** The pages of figures, loaded together. */
import './analytics.css'

export { ChannelReport } from './channel-report.tsx'
export { Compare } from './compare.tsx'
export { NodeLoad } from './node-load.tsx'
export { SessionReport } from './session-report.tsx'
