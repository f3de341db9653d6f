/**
 * The operator's room: the book of acts that matter, and what only the operator may see. Owns `auditEntry`, to which
 * lines are added and never changed.
 */
export { type AuditLog, createAuditLog } from './audit-log.ts'
