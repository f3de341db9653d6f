import type { Generated } from 'kysely'

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
  mailToken: MailTokenTable
  twoFactor: TwoFactorTable
  passkey: PasskeyTable
  apiKey: ApiKeyTable
  invitation: InvitationTable
  auditEntry: AuditEntryTable
  entitlement: EntitlementTable
  showInvitation: ShowInvitationTable
  preview: PreviewTable
  withdrawal: WithdrawalTable
  follow: FollowTable
  channelModerator: ChannelModeratorTable
  channelBan: ChannelBanTable
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
  twoFactorEnabled: Generated<number>
  creatorWishAt: number | null
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
  visibility: string
  ladder: string | null
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
  scheduledAt: number | null
  requiredTier: number | null
  previewMinutes: number
  freeMaxHeight: number | null
  version: number
  metadata: string | null
  createdAt: number
  updatedAt: number
  createdBy: string | null
  updatedBy: string | null
  deletedAt: number | null
}

/** A link sent by mail, good once; only its hash is kept. */
export interface MailTokenTable {
  tokenHash: string
  userId: string
  purpose: string
  expiresAt: number
  createdAt: number
}

export interface TwoFactorTable {
  id: string
  userId: string
  secret: string
  backupCodes: string
  isVerified: number
  failedVerificationCount: number
  lockedUntil: number | null
}

export interface PasskeyTable {
  id: string
  userId: string
  name: string | null
  publicKey: string
  credentialId: string
  counter: number
  deviceType: string
  backedUp: number
  transports: string | null
  aaguid: string | null
  createdAt: number | null
}

export interface ApiKeyTable {
  id: string
  userId: string
  label: string
  publicId: string
  secretHash: string
  scopes: string
  expiresAt: number | null
  lastUsedAt: number | null
  createdAt: number
}

export interface InvitationTable {
  id: string
  wordHash: string
  role: string
  note: string
  expiresAt: number
  usedAt: number | null
  usedBy: string | null
  createdAt: number
  createdBy: string
}

export interface EntitlementTable {
  source: string
  userId: string
  scope: string
  tier: number
  grantedAt: number
  expiresAt: number | null
}

export interface ShowInvitationTable {
  id: string
  channelId: string
  scope: string
  label: string
  secretHash: string
  maxUses: number
  uses: number
  expiresAt: number | null
  createdAt: number
  createdBy: string
}

export interface AuditEntryTable {
  id: string
  at: number
  actorId: string | null
  actorRole: string
  action: string
  target: string
  before: string | null
  after: string | null
  address: string | null
}

export interface PreviewTable {
  scope: string
  viewer: string
  beganAt: number
}

export interface WithdrawalTable {
  subject: string
  reason: string
  at: number
  until: number
}

export interface FollowTable {
  channelId: string
  userId: string
  createdAt: number
}

export interface ChannelModeratorTable {
  channelId: string
  userId: string
  createdAt: number
  createdBy: string
}

export interface ChannelBanTable {
  channelId: string
  userId: string
  reason: string
  createdAt: number
  createdBy: string
}
