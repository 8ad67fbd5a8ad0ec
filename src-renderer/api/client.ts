import { createTRPCUntypedClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { readWarnings } from '#shared/api/warningHeader';
import type { AppRouter } from '../../src-server/app/appRouter';
import { toast } from '../ui/overlays/toast';

/**
 * The one connection to the server. Calls go through rpc.ts, which types them by the router; the live stream through live.ts.
 * Signing is by cookie, so no token is in reach of the page.
 */
export const client = createTRPCUntypedClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ url: '/trpc', maxURLLength: 6000, maxItems: 20, fetch: tellingWarnings }),
    }),
  ],
});

/** What the server warns of although it did what was asked, it says beside the answer. */
async function tellingWarnings(input: RequestInfo | URL | string, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  for (const warning of readWarnings(response.headers.get('Warning'))) toast.warning(warning);
  return response;
}
