import { clsx } from 'clsx';
import { Command } from 'cmdk';
import { Check, ChevronsUpDown, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { CONTROL } from './Input';
import { Spinner } from '../Spinner';

export interface ComboboxOption {
  value: string;
  label?: string;
  description?: string;
  icon?: ReactNode;
}

export interface ComboboxProps {
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: readonly ComboboxOption[];
  /** Given: the options are the answer to this text, and are not filtered again. */
  onSearch?: (text: string) => void;
  loading?: boolean;
  /** What is typed may be taken as it is. */
  allowCustom?: boolean;
  placeholder?: string;
  emptyText?: string;
  /** Takes the choice away; calls `onValueChange('')`. */
  clearable?: boolean;
  /** In place of the usual field: any button. */
  trigger?: ReactNode;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
  disabled?: boolean;
  className?: string;
}

/** One of many, found by typing. */
export function Combobox({ value, onValueChange, options, onSearch, loading = false, allowCustom = false, placeholder = 'Choose…', emptyText = 'Nothing found', clearable = false, trigger, disabled = false, className, ...field }: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const selected = options.find((option) => option.value === value);
  const choose = (next: string) => {
    onValueChange(next);
    setOpen(false);
    setText('');
    onSearch?.('');
  };
  const custom = allowCustom && text.trim() !== '' && !options.some((option) => option.value === text.trim()) ? text.trim() : undefined;
  const shown = onSearch === undefined ? options : byFit(options, text.trim().toLowerCase());
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <div className={clsx('relative flex min-w-0', className)}>
        <Popover.Trigger asChild disabled={disabled}>
          {trigger ?? (
            <button type="button" role="combobox" aria-expanded={open} className={clsx(CONTROL, 'flex h-8 w-full min-w-0 items-center justify-between gap-2 px-2.5 text-left')} {...field}>
              <span className={clsx('min-w-0 truncate', value === undefined || value === '' ? 'text-subtle' : undefined)}>{selected?.label ?? (value || placeholder)}</span>
              <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-subtle" />
            </button>
          )}
        </Popover.Trigger>
        {clearable && value !== undefined && value !== '' && !disabled && (
          <button type="button" aria-label="Clear" className="absolute inset-y-0 right-7 flex items-center px-1 text-subtle hover:text-fg" onClick={() => onValueChange('')}>
            <X className="size-3.5" />
          </button>
        )}
      </div>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={4} collisionPadding={8} className="z-50 w-(--radix-popover-trigger-width) min-w-72 animate-rise overflow-hidden rounded-lg border bg-raised shadow-high">
          <Command shouldFilter={onSearch === undefined} label={field['aria-label'] ?? placeholder}>
            <Command.Input
              value={text}
              onValueChange={(next) => {
                setText(next);
                onSearch?.(next);
              }}
              placeholder="Type to find…"
              className="h-9 w-full border-b bg-transparent px-3 text-sm focus-visible:outline-none"
            />
            <Command.List className="max-h-72 overflow-auto p-1">
              {loading && <Command.Loading><div className="flex items-center gap-2 px-2 py-1.5 text-xs text-muted"><Spinner /> Looking…</div></Command.Loading>}
              {!loading && custom === undefined && <Command.Empty className="px-2 py-1.5 text-xs text-muted">{emptyText}</Command.Empty>}
              {/* What was typed is first: whoever names something new and presses Enter means that, whatever else is found. */}
              {custom !== undefined && (
                <Command.Item value={custom} onSelect={() => choose(custom)} className="rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-hover">
                  Use “<span className="font-medium">{custom}</span>”
                </Command.Item>
              )}
              {shown.map((option) => (
                <Command.Item
                  key={option.value}
                  value={option.value}
                  keywords={[option.label ?? '', option.description ?? '']}
                  onSelect={() => choose(option.value)}
                  className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-hover"
                >
                  {option.icon}
                  <span className="flex min-w-0 flex-1 flex-col">
                    <span className="truncate">{option.label ?? option.value}</span>
                    {option.description !== undefined && <span className="truncate text-xs text-subtle">{option.description}</span>}
                  </span>
                  {option.value === value && <Check aria-label="chosen" className="size-3.5 text-accent" />}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What has the text in it comes first: until the answer to it is there, the list is that to an earlier one. */
function byFit(options: readonly ComboboxOption[], text: string): readonly ComboboxOption[] {
  const fits = ({ value, label = '', description = '' }: ComboboxOption) => `${value}\n${label}\n${description}`.toLowerCase().includes(text);
  return text === '' ? options : [...options.filter(fits), ...options.filter((option) => !fits(option))];
}
