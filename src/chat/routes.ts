export { keepingRoutes } from './keeping-routes.ts'
export { moderatingRoutes } from './moderating-routes.ts'
export { emoteRoutes, speakingRoutes } from './speaking-routes.ts'
