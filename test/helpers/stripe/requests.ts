import type { Stripe } from 'stripe'

/** What each call may carry, in the words of the pinned library; `parameters.ts` holds every request to it. */
export interface Requests {
  'GET /checkout/sessions': Stripe.Checkout.SessionListParams
  'GET /checkout/sessions/*': Stripe.Checkout.SessionRetrieveParams
  'POST /checkout/sessions': Stripe.Checkout.SessionCreateParams
  'POST /checkout/sessions/*/expire': Stripe.Checkout.SessionExpireParams
  'POST /products': Stripe.ProductCreateParams
  'POST /coupons': Stripe.CouponCreateParams
  'GET /payment_intents/*': Stripe.PaymentIntentRetrieveParams
  'GET /refunds': Stripe.RefundListParams
  'POST /refunds': Stripe.RefundCreateParams
  'GET /disputes': Stripe.DisputeListParams
  'GET /invoices': Stripe.InvoiceListParams
  'GET /invoice_payments': Stripe.InvoicePaymentListParams
  'GET /subscriptions/*': Stripe.SubscriptionRetrieveParams
  'POST /subscriptions/*': Stripe.SubscriptionUpdateParams
  'DELETE /subscriptions/*': Stripe.SubscriptionCancelParams
  'POST /billing_portal/sessions': Stripe.BillingPortal.SessionCreateParams
  'GET /webhook_endpoints': Stripe.WebhookEndpointListParams
  'POST /webhook_endpoints': Stripe.WebhookEndpointCreateParams
  'POST /webhook_endpoints/*': Stripe.WebhookEndpointUpdateParams
  'DELETE /webhook_endpoints/*': Stripe.WebhookEndpointDeleteParams
  'GET /events': Stripe.EventListParams
  'GET /transfers': Stripe.TransferListParams
  'POST /transfers': Stripe.TransferCreateParams
  'POST /transfers/*/reversals': Stripe.TransferCreateReversalParams
  'GET /payouts': Stripe.PayoutListParams
  'POST /v2/core/accounts': Stripe.V2.Core.AccountCreateParams
  'GET /v2/core/accounts/*': Stripe.V2.Core.AccountRetrieveParams
  'POST /v2/core/account_links': Stripe.V2.Core.AccountLinkCreateParams
  'GET /v2/core/event_destinations': Stripe.V2.Core.EventDestinationListParams
  'POST /v2/core/event_destinations': Stripe.V2.Core.EventDestinationCreateParams
  'POST /v2/core/event_destinations/*': Stripe.V2.Core.EventDestinationUpdateParams
  'DELETE /v2/core/event_destinations/*': Stripe.V2.Core.EventDestinationDeleteParams
}
