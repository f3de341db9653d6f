/**
 * The browser's side: the built pages, each with its head and first data written in by the server. Owns no data; what a page
 * shows first is asked of the API like anything else it shows.
 */
export { createDiscovery } from './discovery.ts'
export { firstData } from './first-data.ts'
export { referenceRoutes } from './reference.ts'
export { createWeb, type WatchPage, type WebOptions } from './shell.ts'
