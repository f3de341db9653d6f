import { signal } from '@preact/signals'

/** What this page is watching, by the token it was given: named to the server, so that it can tell us should it end. */
export const watching = signal<{ token: string; sessionId: string } | null>(null)

/** The last word that a viewing of ours has ended. */
export const withdrawn = signal<{ sessionId: string; reason: string } | null>(null)

/** True while an offer is shown: the page then wants to hear when the rights of its account change. */
export const hopesForRights = signal(false)

/** Counts how often they did. */
export const rightsChanges = signal(0)
