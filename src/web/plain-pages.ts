/** Pages the server writes nothing into but their name, for whoever they concern alone; by the bundle that holds them. */
const bundles: Record<string, Record<string, string>> = {
  'account/pages.ts': {
    '/account': 'Account',
    '/account/new-address': 'Confirm your new address',
    '/setup': 'Set up',
    '/sign-in': 'Sign in',
    '/sign-in/link': 'Sign in by mail',
    '/register': 'Register',
    '/verify': 'Confirm your address',
    '/reset': 'New password',
    '/notices': 'Notices',
    '/unsubscribe/:word': 'Unsubscribe',
  },
  'operator/pages.ts': {
    '/operator': 'This node',
    '/operator/people': 'People',
    '/operator/mail': 'Mail',
    '/operator/audit': 'Audit log',
  },
  'studio/pages.ts': {
    '/studio/:slug/chat': 'Chat',
    '/studio/:slug/sales': 'Sales',
    '/studio/:slug/earnings': 'Earnings',
    '/studio/:slug/schedule': 'Schedule',
  },
  'analytics/pages.tsx': {
    '/operator/load': 'Load',
    '/studio/:slug/audience': 'Audience',
    '/studio/:slug/audience/:session': 'Audience',
    '/studio/:slug/compare/:first/:second': 'Audience',
  },
  'money/pages.ts': {
    '/purchases': 'What I bought',
    '/test-money/:id': 'Checkout',
    '/test-money/accounts/:id': 'Payout account',
    '/gift/:code': 'A gift',
  },
}

export const plainPages = Object.entries(bundles).flatMap(([bundle, pages]) =>
  Object.entries(pages).map(([path, title]) => ({ path, title, bundle })),
)
