import { Dialog } from '../ui/overlays/Dialog';
import { useActiveHotkeys } from '../ui/hotkeys';
import { Kbd } from '../ui/Kbd';

/** Every key that works on this page. */
export function ShortcutOverlay({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const hotkeys = useActiveHotkeys();
  const groups = [...new Set(hotkeys.map(([, hotkey]) => hotkey.group))];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys on this page" size="lg">
      <div className="columns-1 gap-8 pb-3 sm:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-medium text-subtle">{group}</h3>
            <dl>
              {hotkeys.filter(([, hotkey]) => hotkey.group === group).map(([keys, hotkey]) => (
                <div key={keys} className="flex items-center justify-between gap-4 border-b py-1.5 last:border-b-0">
                  <dt>{hotkey.label}</dt>
                  <dd><Kbd>{keys.replaceAll('+', ' ')}</Kbd></dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
