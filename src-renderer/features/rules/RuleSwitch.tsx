import { Switch } from '../../ui/Switch';

/** One thing that a rule asks or not. */
export function RuleSwitch({ label, help, checked, onChange }: { label: string; help?: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex items-start gap-3">
      <Switch className="mt-0.5" checked={checked} onCheckedChange={onChange} />
      <span className="min-w-0">{label}{help !== undefined && <span className="block text-xs text-subtle">{help}</span>}</span>
    </label>
  );
}
