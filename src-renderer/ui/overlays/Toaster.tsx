import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { buttonClass } from '../Button';
import { toastStore, type ToastItem } from './toast';

/** Shows what `toast` is told. Mounted once. */
export function Toaster() {
  const items = useSyncExternalStore(toastStore.subscribe, toastStore.items);
  return (
    <Radix.Provider swipeDirection="right" label="News">
      {items.map((item) => <ToastCard key={item.id} item={item} />)}
      <Radix.Viewport className="fixed right-3 bottom-3 z-50 flex w-[min(24rem,calc(100vw-24px))] flex-col gap-2" />
    </Radix.Provider>
  );
}

function ToastCard({ item }: { item: ToastItem }) {
  const Icon = ICONS[item.tone];
  return (
    <Radix.Root
      duration={DURATION_MS[item.tone]}
      type={item.tone === 'danger' ? 'foreground' : 'background'}
      onOpenChange={(open) => {
        if (!open) toastStore.dismiss(item.id);
      }}
      className="flex animate-rise items-start gap-2.5 rounded-lg border bg-raised p-3 shadow-high"
    >
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${COLOURS[item.tone]}`} />
      <div className="min-w-0 flex-1">
        <Radix.Title className="font-medium break-words">{item.title}</Radix.Title>
        {item.description !== undefined && <Radix.Description className="text-muted break-words">{item.description}</Radix.Description>}
        {item.correlationId !== undefined && <p className="mt-0.5 font-mono text-2xs text-subtle">{item.correlationId}</p>}
        {item.action !== undefined && (
          <Radix.Action altText={item.action.label} onClick={item.action.run} className={`mt-2 ${buttonClass('secondary', 'sm')}`}>{item.action.label}</Radix.Action>
        )}
      </div>
      <Radix.Close aria-label="Close" className="-m-1 rounded-md p-1 text-subtle hover:bg-hover hover:text-fg"><X className="size-3.5" /></Radix.Close>
    </Radix.Root>
  );
}

/** What went wrong stays until it is closed. */
const DURATION_MS = { success: 5_000, danger: Infinity, warning: 12_000, info: 5_000 } as const;
const ICONS = { success: CircleCheck, danger: CircleAlert, warning: TriangleAlert, info: Info } as const;
const COLOURS = { success: 'text-success', danger: 'text-danger', warning: 'text-warning', info: 'text-info' } as const;
