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
  job: JobTable
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

export interface JobTable {
  id: string
  kind: string
  payload: string
  key: string | null
  state: string
  attempts: number
  runAt: number
  lastError: string | null
  createdAt: number
  updatedAt: number
}
