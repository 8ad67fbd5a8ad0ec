import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { createQueryClient } from './api/queryClient';
import { createConsoleRouter } from './routes';
import { Toaster } from './ui/overlays/Toaster';

/** The window. */
export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={350} skipDelayDuration={150}>
        <RouterProvider router={router} />
        <Toaster />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

const queries = createQueryClient(() => {
  const { pathname, href } = router.state.location;
  if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { next: href, reason: 'expired' }, replace: true });
});
const router = createConsoleRouter(queries);
