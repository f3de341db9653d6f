/**
 * What our pages believe of the API's answers is what its schemas say. Nothing here runs: the types step of
 * `npm run check` fails when the two part.
 */
import type { hc, InferResponseType } from 'hono/client'
import { expectTypeOf, test } from 'vitest'
import type { accessRoutes } from '../../src/access/routes.ts'
import type { accountRoutes } from '../../src/accounts/routes.ts'
import type { loadRoutes, reportRoutes } from '../../src/analytics/routes.ts'
import type { catalogRoutes } from '../../src/catalog/routes.ts'
import type { keepingRoutes, moderatingRoutes, speakingRoutes } from '../../src/chat/routes.ts'
import type { offerRoutes } from '../../src/commerce/offer-routes.ts'
import type { orderRoutes } from '../../src/commerce/order-routes.ts'
import type { salesRoutes } from '../../src/commerce/sales-routes.ts'
import type { testMoneyRoutes } from '../../src/commerce/test-money-routes.ts'
import type { nodeRoutes, streamKeyRoutes } from '../../src/ingest/routes.ts'
import type { liveRoutes } from '../../src/live/routes.ts'
import type { capacityRoutes } from '../../src/transcode/routes.ts'
import type {
  ChannelReportView,
  LoadView,
  ReportView,
  ViewingView,
} from '../../src/web/client/analytics/analytics-api.ts'
import type { NewStreamKey } from '../../src/web/client/api/client.ts'
import type {
  ChannelView,
  DeviceView,
  HealthView,
  NodeView,
  PlaybackView,
  SessionView,
  StreamKeyView,
  UserView,
} from '../../src/web/client/api/views.ts'
import type {
  ChatAct,
  ChatMessage,
  ChatPoll,
  ChatSettings,
  ModeratedMessage,
  PaidMessage,
} from '../../src/web/client/chat/views.ts'
import type {
  CompView,
  EarningsView,
  GiftLinkView,
  GiftView,
  MemberView,
  MyMembershipView,
  OfferView,
  OrderView,
  PromotionView,
  PurchaseView,
  SaleView,
  TestCheckoutView,
} from '../../src/web/client/money/money-api.ts'
import type { CapacityView } from '../../src/web/client/operator/operator-api.ts'

type Offers = ReturnType<typeof hc<ReturnType<typeof offerRoutes>>>
type Orders = ReturnType<typeof hc<ReturnType<typeof orderRoutes>>>
type Sales = ReturnType<typeof hc<ReturnType<typeof salesRoutes>>>
type TestMoney = ReturnType<typeof hc<ReturnType<typeof testMoneyRoutes>>>
type Accounts = ReturnType<typeof hc<ReturnType<typeof accountRoutes>>>
type Catalog = ReturnType<typeof hc<ReturnType<typeof catalogRoutes>>>
type Keys = ReturnType<typeof hc<ReturnType<typeof streamKeyRoutes>>>
type Node = ReturnType<typeof hc<ReturnType<typeof nodeRoutes>>>
type Live = ReturnType<typeof hc<ReturnType<typeof liveRoutes>>>
type Capacity = ReturnType<typeof hc<ReturnType<typeof capacityRoutes>>>
type Speaking = ReturnType<typeof hc<ReturnType<typeof speakingRoutes>>>['channels'][':id']['chat']
type Moderating = ReturnType<typeof hc<ReturnType<typeof moderatingRoutes>>>['channels'][':id']['chat']
type Keeping = ReturnType<typeof hc<ReturnType<typeof keepingRoutes>>>['channels'][':id']['chat']
type Reports = ReturnType<typeof hc<ReturnType<typeof reportRoutes>>>
type Load = ReturnType<typeof hc<ReturnType<typeof loadRoutes>>>
type Access = ReturnType<typeof hc<ReturnType<typeof accessRoutes>>>

test('the views of our pages are what the routes answer', () => {
  expectTypeOf<InferResponseType<Accounts['me']['$get'], 200>>().toExtend<{ user: UserView | null }>()
  expectTypeOf<InferResponseType<Node['node']['$get'], 200>>().toExtend<NodeView>()
  expectTypeOf<InferResponseType<Live['sessions'][':id']['$get'], 200>>().toExtend<SessionView>()
  expectTypeOf<InferResponseType<Live['sessions'][':id']['end']['$post'], 200>>().toExtend<SessionView>()
  expectTypeOf<InferResponseType<Live['sessions'][':id']['health']['$get'], 200>>().toExtend<HealthView>()

  expectTypeOf<InferResponseType<Capacity['operator']['capacity']['$get'], 200>>().toExtend<CapacityView>()

  // These two rooms are handed the session's schema and know only its id.
  type Channels = { channels: Omit<ChannelView, 'live'>[]; nextCursor: string | null }
  expectTypeOf<InferResponseType<Catalog['channels']['$get'], 200>>().toExtend<Channels>()
  expectTypeOf<InferResponseType<Access['playback']['$post'], 200>>().toExtend<Omit<PlaybackView, 'session'>>()

  expectTypeOf<InferResponseType<Access['devices']['$get'], 200>>().toExtend<{ devices: DeviceView[] }>()

  type OfChannel = Keys['channels'][':id']['stream-keys']
  expectTypeOf<InferResponseType<OfChannel['$get'], 200>>().toExtend<{ streamKeys: StreamKeyView[] }>()
  expectTypeOf<InferResponseType<OfChannel['$post'], 201>>().toExtend<NewStreamKey>()

  expectTypeOf<InferResponseType<Speaking['messages']['$get'], 200>>().toExtend<{ messages: ChatMessage[] }>()
  expectTypeOf<InferResponseType<Moderating['held']['$get'], 200>>().toExtend<{ messages: ModeratedMessage[] }>()
  expectTypeOf<InferResponseType<Keeping['settings']['$get'], 200>>().toExtend<{ settings: ChatSettings }>()
  expectTypeOf<InferResponseType<Moderating['acts']['$get'], 200>>().toExtend<{ acts: ChatAct[] }>()
  expectTypeOf<InferResponseType<Keeping['paid']['$get'], 200>>().toExtend<{ paid: PaidMessage[] }>()
  expectTypeOf<InferResponseType<Keeping['polls']['$post'], 201>>().toExtend<ChatPoll>()
})

test('and so are the views of money', () => {
  type Listed = { offers: OfferView[]; isTestMoney: boolean }
  expectTypeOf<InferResponseType<Offers['channels'][':id']['offers']['$get'], 200>>().toExtend<Listed>()
  expectTypeOf<InferResponseType<Orders['orders'][':orderId']['look']['$post'], 200>>().toExtend<OrderView>()
  expectTypeOf<InferResponseType<Orders['purchases']['$get'], 200>>().toExtend<{ purchases: PurchaseView[] }>()
  expectTypeOf<InferResponseType<Orders['memberships']['$get'], 200>>().toExtend<{ memberships: MyMembershipView[] }>()
  expectTypeOf<InferResponseType<Orders['gifts'][':code']['$get'], 200>>().toExtend<GiftView>()
  type Sold = Offers['channels'][':id']
  expectTypeOf<InferResponseType<Sold['promotions']['$get'], 200>>().toExtend<{ promotions: PromotionView[] }>()
  type OfChannel = Sales['channels'][':id']
  expectTypeOf<InferResponseType<OfChannel['members']['$get'], 200>>().toExtend<{ members: MemberView[] }>()
  expectTypeOf<InferResponseType<OfChannel['gifts']['$get'], 200>>().toExtend<{ gifts: GiftLinkView[] }>()
  expectTypeOf<InferResponseType<OfChannel['comps']['$get'], 200>>().toExtend<{ comps: CompView[] }>()
  expectTypeOf<InferResponseType<OfChannel['sales']['$get'], 200>>().toExtend<{ sales: SaleView[] }>()
  expectTypeOf<InferResponseType<OfChannel['earnings']['$get'], 200>>().toExtend<{ earnings: EarningsView[] }>()
  expectTypeOf<InferResponseType<TestMoney['test-money'][':id']['$get'], 200>>().toExtend<TestCheckoutView>()
})

test('and of figures', () => {
  type OfShow = Reports['sessions'][':id']
  expectTypeOf<InferResponseType<OfShow['report']['$get'], 200>>().toExtend<ReportView>()
  expectTypeOf<InferResponseType<OfShow['viewings']['$get'], 200>>().toExtend<{ viewings: ViewingView[] }>()
  expectTypeOf<InferResponseType<Reports['channels'][':id']['report']['$get'], 200>>().toExtend<ChannelReportView>()
  expectTypeOf<InferResponseType<Load['operator']['load']['$get'], 200>>().toExtend<LoadView>()
})
