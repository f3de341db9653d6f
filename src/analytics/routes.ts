export { exportRoutes } from './export-routes.ts'
export { loadRoutes } from './load-routes.ts'
export { type ReportDeps, reportRoutes } from './report-routes.ts'
export { telemetryRoutes } from './telemetry-routes.ts'
