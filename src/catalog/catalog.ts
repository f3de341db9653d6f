/**
 * What there is to watch, and whose it is. Owns `channel`, and who follows it, keeps order in it
 * or was shut out. A channel has an owner; the owner or an admin may change
 * it, anybody may look at it. What is on air now comes from outside: the catalogue does not know the conductor.
 */
export {
  type Channel,
  type Channels,
  COVERS,
  createChannels,
  type LadderChoice,
  SLUG,
  VISIBILITIES,
} from './channels.ts'
export { createPeople, type People } from './people.ts'
