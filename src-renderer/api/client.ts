import { createTRPCUntypedClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { AppRouter } from '../../src-server/app/appRouter';

/**
 * The one connection to the server. Calls go through rpc.ts, which types them by the router; the live stream through live.ts.
 * Signing is by cookie, so no token is in reach of the page.
 */
export const client = createTRPCUntypedClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ url: '/trpc', maxURLLength: 6000, maxItems: 20 }),
    }),
  ],
});
