/** The pages of whoever runs the node, loaded together. */
export { AuditLog } from './audit-log.tsx'
export { Mail } from './mail.tsx'
export { ThisNode } from './node.tsx'
export { People } from './people.tsx'
