/**
 * The only list of columns, as the migrations leave them (a test compares the two). Times are integers, milliseconds
 * since 1970 in UTC; a yes/no the libraries insist on is 0 or 1; JSON is text and parsed by zod where it is read.
 */
export interface Tables {
  user: UserTable
  signIn: SignInTable
  credential: CredentialTable
  verification: VerificationTable
  channel: ChannelTable
  streamKey: StreamKeyTable
  session: SessionTable
  chatMessage: ChatMessageTable
  chatSetting: ChatSettingTable
  chatModerator: ChatModeratorTable
  chatSanction: ChatSanctionTable
  chatFlag: ChatFlagTable
  chatNote: ChatNoteTable
  chatAct: ChatActTable
  chatPoll: ChatPollTable
  chatVote: ChatVoteTable
}

export interface UserTable {
  id: string
  name: string
  email: string
  emailVerified: number
  image: string | null
  role: string
  status: string
  statusReason: string | null
  statusUntil: number | null
  metadata: string | null
  createdAt: number
  updatedAt: number
  updatedBy: string | null
  deletedAt: number | null
}

export interface SignInTable {
  id: string
  token: string
  userId: string
  expiresAt: number
  ipAddress: string | null
  userAgent: string | null
  createdAt: number
  updatedAt: number
}

export interface CredentialTable {
  id: string
  userId: string
  providerId: string
  accountId: string
  password: string | null
  accessToken: string | null
  refreshToken: string | null
  idToken: string | null
  accessTokenExpiresAt: number | null
  refreshTokenExpiresAt: number | null
  scope: string | null
  createdAt: number
  updatedAt: number
}

export interface VerificationTable {
  id: string
  identifier: string
  value: string
  expiresAt: number
  createdAt: number
  updatedAt: number
}

export interface ChannelTable {
  id: string
  slug: string
  name: string
  description: string
  ownerId: string
  suspendedAt: number | null
  suspendedReason: string | null
  version: number
  metadata: string | null
  createdAt: number
  updatedAt: number
  createdBy: string
  updatedBy: string
  deletedAt: number | null
}

export interface StreamKeyTable {
  id: string
  channelId: string
  label: string
  publicId: string
  secretHash: string
  lastUsedAt: number | null
  rotatedAt: number | null
  revokedAt: number | null
  createdAt: number
  updatedAt: number
  createdBy: string
  updatedBy: string
}

export interface SessionTable {
  id: string
  code: string
  channelId: string
  streamKeyId: string | null
  state: string
  title: string
  description: string
  category: string | null
  tags: string
  visibility: string
  maxViewers: number | null
  isRecorded: number
  isChatOpen: number
  source: string | null
  ladder: string | null
  note: string | null
  startedAt: number | null
  pausedAt: number | null
  endedAt: number | null
  endReason: string | null
  peakViewers: number
  version: number
  metadata: string | null
  createdAt: number
  updatedAt: number
  createdBy: string | null
  updatedBy: string | null
  deletedAt: number | null
}

export interface ChatMessageTable {
  id: string
  channelId: string
  sessionId: string | null
  position: number | null
  kind: string
  state: string
  authorId: string | null
  authorName: string | null
  badges: string
  text: string
  reply: string | null
  sentKey: string | null
  heldReason: string | null
  removedByAct: string | null
  flags: number
  createdAt: number
  changedAt: number
}

export interface ChatSettingTable {
  channelId: string
  settings: string
  pinnedId: string | null
  overlayHash: string | null
  updatedAt: number
  updatedBy: string | null
}

export interface ChatModeratorTable {
  channelId: string
  userId: string
  createdAt: number
  createdBy: string
}

export interface ChatSanctionTable {
  id: string
  channelId: string | null
  userId: string
  kind: string
  until: number | null
  reason: string
  network: string | null
  actId: string
  liftedAt: number | null
  createdAt: number
}

export interface ChatFlagTable {
  messageId: string
  userId: string
  reason: string
  createdAt: number
}

export interface ChatNoteTable {
  id: string
  channelId: string
  userId: string
  text: string
  createdAt: number
  createdBy: string
}

export interface ChatActTable {
  id: string
  channelId: string
  actorId: string
  actorName: string
  action: string
  messageId: string | null
  userId: string | null
  reason: string
  undoneAt: number | null
  createdAt: number
}

export interface ChatPollTable {
  id: string
  channelId: string
  sessionId: string | null
  question: string
  choices: string
  endsAt: number
  endedAt: number | null
  createdAt: number
  createdBy: string
}

export interface ChatVoteTable {
  pollId: string
  userId: string
  choice: number
  createdAt: number
}
