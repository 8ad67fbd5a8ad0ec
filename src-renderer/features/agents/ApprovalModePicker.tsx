import { RadioGroup } from 'radix-ui';
import { useId } from 'react';
import { APPROVAL_MODES, type ApprovalMode } from './agentFacts';

/** Chooses what happens when the agent asks for permission. */
export function ApprovalModePicker({ value, onChange }: { value: ApprovalMode; onChange: (mode: ApprovalMode) => void }) {
  const id = useId();
  return (
    <RadioGroup.Root aria-labelledby={`${id}-label`} value={value} onValueChange={(mode) => onChange(mode as ApprovalMode)} className="flex flex-col gap-1.5">
      <p id={`${id}-label`} className="font-medium">When the agent asks for permission</p>
      {APPROVAL_MODES.map((mode) => (
        <label key={mode.value} htmlFor={`${id}-${mode.value}`} className="flex cursor-pointer items-start gap-2.5 rounded-md border bg-surface px-3 py-2 hover:bg-hover has-data-[state=checked]:border-accent has-data-[state=checked]:bg-accent-soft/50">
          <RadioGroup.Item id={`${id}-${mode.value}`} value={mode.value} className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[state=checked]:border-accent-strong">
            <RadioGroup.Indicator className="size-2 rounded-full bg-accent-strong" />
          </RadioGroup.Item>
          <span className="min-w-0">
            <span className="block font-medium">{mode.label}</span>
            <span className="block text-xs text-muted">{mode.help}</span>
          </span>
        </label>
      ))}
    </RadioGroup.Root>
  );
}
