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
  job: JobTable
  offer: OfferTable
  promotion: PromotionTable
  purchase: PurchaseTable
  membership: MembershipTable
  payment: PaymentTable
  payoutAccount: PayoutAccountTable
  payout: PayoutTable
  ledgerPosting: LedgerPostingTable
  ledgerEntry: LedgerEntryTable
  gift: GiftTable
  comp: CompTable
  moneyEvent: MoneyEventTable
  moneySetting: MoneySettingTable
  testMoney: TestMoneyTable
  entitlement: EntitlementTable
  showInvitation: ShowInvitationTable
  preview: PreviewTable
  withdrawal: WithdrawalTable
  follow: FollowTable
  channelModerator: ChannelModeratorTable
  channelBan: ChannelBanTable
  chatMessage: ChatMessageTable
  chatSetting: ChatSettingTable
  chatTimeout: ChatTimeoutTable
  chatFlag: ChatFlagTable
  chatNote: ChatNoteTable
  chatAct: ChatActTable
  chatPoll: ChatPollTable
  chatVote: ChatVoteTable
  series: SeriesTable
  occurrence: OccurrenceTable
  reminder: ReminderTable
  notice: NoticeTable
  noticeSetting: NoticeSettingTable
  pushSubscription: PushSubscriptionTable
  viewing: ViewingTable
  audienceSample: AudienceSampleTable
  playbackEvent: PlaybackEventTable
  playbackQuality: PlaybackQualityTable
  sessionMark: SessionMarkTable
  sessionSummary: SessionSummaryTable
  nodeSample: NodeSampleTable
  chatPaid: ChatPaidTable
  chatEmote: ChatEmoteTable
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
  cover: string | null
  picture: string | null
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
  durationMinutes: number | null
  timeZone: string | null
  chosenAt: number | null
  cover: string | null
  picture: string | null
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
  /** The address it proves, where that is not the account's own. */
  email: string | null
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
  /** Whom it was mailed to; null: the link is handed on by hand. */
  email: string | null
  expiresAt: number
  usedAt: number | null
  usedBy: string | null
  createdAt: number
  createdBy: string
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

export interface OfferTable {
  id: string
  createdAt: number
  updatedAt: number
  channelId: string
  scope: string
  kind: string
  tier: number
  name: string
  perks: string
  currency: string
  price: number
  yearlyPrice: number | null
  earlyPrice: number | null
  earlyUntil: number | null
  seats: number | null
  saleFrom: number | null
  saleUntil: number | null
  replayDays: number | null
  rentHours: number | null
  rentFrom: string | null
  trialDays: number
  version: number
  withdrawnAt: number | null
  createdBy: string
  updatedBy: string
}

export interface PromotionTable {
  id: string
  createdAt: number
  updatedAt: number
  channelId: string
  code: string
  percentOff: number | null
  amountOff: number | null
  currency: string | null
  offerId: string | null
  maxUses: number | null
  expiresAt: number | null
  withdrawnAt: number | null
  createdBy: string
}

export interface PurchaseTable {
  id: string
  createdAt: number
  updatedAt: number
  userId: string
  channelId: string
  offerId: string
  name: string
  currency: string
  provider: string
  state: string
  claim: string | null
  promotionId: string | null
  feeBps: number
  checkoutRef: string | null
  checkoutUrl: string | null
  checkoutExpiresAt: number
  version: number
  kind: string
  scope: string
  amount: number
  paidAt: number | null
  rentHours: number | null
  rentFrom: string | null
  replayDays: number | null
  giftMonths: number | null
  firstPlayedAt: number | null
  accessExpiresAt: number | null
}

export interface MembershipTable {
  id: string
  createdAt: number
  updatedAt: number
  userId: string
  channelId: string
  offerId: string
  name: string
  currency: string
  provider: string
  state: string
  claim: string | null
  promotionId: string | null
  feeBps: number
  checkoutRef: string | null
  checkoutUrl: string | null
  checkoutExpiresAt: number
  version: number
  tier: number
  billing: string
  subscriptionRef: string | null
  nextOfferId: string | null
  periodStart: number | null
  periodEnd: number | null
  trialEnd: number | null
  cancelAtPeriodEnd: number
  canceledAt: number | null
  endedAt: number | null
  graceUntil: number | null
}

export interface PaymentTable {
  id: string
  createdAt: number
  updatedAt: number
  ref: string
  provider: string
  purchaseId: string | null
  membershipId: string | null
  userId: string
  channelId: string
  currency: string
  amount: number
  fee: number | null
  platformFee: number
  refunded: number
  dispute: string | null
  paidAt: number
  periodStart: number | null
  periodEnd: number | null
  receiptUrl: string | null
}

export interface PayoutAccountTable {
  id: string
  createdAt: number
  updatedAt: number
  channelId: string
  provider: string
  ref: string
  state: string
  missing: string
  version: number
  createdBy: string
}

export interface PayoutTable {
  id: string
  createdAt: number
  updatedAt: number
  ref: string
  channelId: string
  currency: string
  amount: number
  state: string
  sentAt: number
  arrivesAt: number | null
  failure: string | null
}

export interface LedgerPostingTable {
  id: string
  kind: string
  provider: string
  subject: string
  channelId: string | null
  occurredAt: number
  createdAt: number
}

export interface LedgerEntryTable {
  id: string
  postingId: string
  account: string
  currency: string
  amount: number
  occurredAt: number
}

export interface GiftTable {
  id: string
  createdAt: number
  updatedAt: number
  code: string
  channelId: string
  tier: number
  days: number | null
  maxUses: number
  uses: number
  expiresAt: number | null
  withdrawnAt: number | null
  purchaseId: string | null
  createdBy: string
}

export interface CompTable {
  id: string
  createdAt: number
  updatedAt: number
  userId: string
  channelId: string
  scope: string
  tier: number
  giftId: string | null
  note: string
  expiresAt: number | null
  revokedAt: number | null
  createdBy: string
}

export interface MoneyEventTable {
  id: string
  type: string
  state: string
  receivedAt: number
}

export interface MoneySettingTable {
  key: string
  value: string
}

export interface TestMoneyTable {
  id: string
  createdAt: number
  updatedAt: number
  orderId: string
  body: string
  version: number
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
  card: string | null
}

export interface ChatSettingTable {
  channelId: string
  settings: string
  pinnedId: string | null
  overlayHash: string | null
  updatedAt: number
  updatedBy: string | null
}

export interface ChatTimeoutTable {
  actId: string
  channelId: string
  userId: string
  until: number
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
  network: string | null
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

/** `startsAt` is a wall clock's word in `timeZone`; `repeat` and `show` are JSON. */
export interface SeriesTable {
  id: string
  channelId: string
  startsAt: string
  timeZone: string
  repeat: string
  show: string
  picture: string | null
  madeUntil: number
  endedAt: number | null
  createdAt: number
  updatedAt: number
  createdBy: string
}

/** `at` is when the series has it, wherever its session was moved since. */
export interface OccurrenceTable {
  seriesId: string
  at: number
  sessionId: string
}

export interface ReminderTable {
  sessionId: string
  userId: string
  createdAt: number
}

/** `fact` names what happened: one person is told of it once. */
export interface NoticeTable {
  id: string
  userId: string
  fact: string
  kind: string
  title: string
  text: string
  path: string
  isListed: number
  readAt: number | null
  mailedAt: number | null
  pushedAt: number | null
  createdAt: number
}

export interface NoticeSettingTable {
  userId: string
  choices: string
  updatedAt: number
}

export interface PushSubscriptionTable {
  id: string
  userId: string
  endpoint: string
  p256dh: string
  auth: string
  createdAt: number
}

export interface ViewingTable {
  id: string
  sessionId: string
  viewer: string
  userId: string | null
  type: string
  country: string | null
  device: string
  browser: string
  player: string
  referrer: string | null
  address: string | null
  rendition: string | null
  joinedAt: number
  sinceAt: number
  leftAt: number | null
  watchedMs: number
}

export interface AudienceSampleTable {
  sessionId: string
  at: number
  viewers: number
  aliveAt: number
}

export interface PlaybackEventTable {
  id: string
  viewingId: string
  sessionId: string
  at: number
  kind: string
  ms: number | null
  quality: string | null
  bitrate: number | null
  bufferMs: number | null
  code: string | null
}

export interface PlaybackQualityTable {
  viewingId: string
  sessionId: string
  referrer: string | null
  startupMs: number | null
  stalls: number
  stalledMs: number
  errors: number
  bitrateSum: number
  bitrateCount: number
}

export interface SessionMarkTable {
  id: string
  sessionId: string
  at: number
  kind: string
  text: string
}

export interface SessionSummaryTable {
  sessionId: string
  summary: string
  madeAt: number
}

export interface NodeSampleTable {
  at: number
  sessions: number
  viewers: number
  requests: number
  bytes: number
  encoders: number
  encoderLoad: number
  loopDelayMs: number
}

export interface ChatPaidTable {
  orderId: string
  channelId: string
  sessionId: string | null
  userId: string
  text: string
  heldReason: string | null
  messageId: string | null
  amount: number
  currency: string
  least: number
  state: string
  createdAt: number
}

export interface ChatEmoteTable {
  id: string
  channelId: string
  name: string
  picture: string
  createdAt: number
  createdBy: string
}
