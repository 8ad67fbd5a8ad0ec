import { Eye, EyeOff, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/Button';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/fields/Input';
import { Textarea } from '../../ui/fields/Textarea';
import { parseEnv } from './parseEnv';

export interface Entry {
  readonly key: string;
  readonly value: string;
}

export interface EntriesInputProps {
  readonly entries: readonly Entry[];
  readonly onChange: (entries: readonly Entry[]) => void;
  /** Values are dots until somebody asks to see them. */
  readonly hidden: boolean;
  /** Entries that keep their value when nothing is typed. */
  readonly kept?: readonly string[];
}

/** Names with values. Lines of a `.env` file that are pasted into a value become entries of their own. */
export function EntriesInput({ entries, onChange, hidden, kept = [] }: EntriesInputProps) {
  const [shown, setShown] = useState(!hidden);
  const set = (index: number, next: Partial<Entry>) => onChange(entries.map((entry, at) => (at === index ? { ...entry, ...next } : entry)));
  const paste = (index: number, text: string): boolean => {
    const parsed = parseEnv(text);
    if (parsed === undefined) return false;
    const added = Object.entries(parsed).map(([key, value]) => ({ key, value }));
    onChange([...entries.filter((entry, at) => at !== index || entry.key !== '' || entry.value !== '').filter(({ key }) => !(key in parsed)), ...added]);
    return true;
  };
  return (
    <div className="flex flex-col gap-2">
      {entries.map(({ key, value }, index) => (
        <div key={index} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-start gap-1.5">
          <Input mono aria-label={`Name ${index + 1}`} placeholder="NAME" value={key} autoComplete="off" onChange={(event) => set(index, { key: event.target.value })} />
          <Textarea
            mono
            rows={value.includes('\n') && shown ? 4 : 1}
            className={shown || value === '' ? undefined : '[-webkit-text-security:disc]'}
            aria-label={`Value ${index + 1}`}
            placeholder={kept.includes(key) ? 'as it is' : 'value, or lines of a .env file'}
            value={value}
            autoComplete="off"
            spellCheck={false}
            onPaste={(event) => {
              if (paste(index, event.clipboardData.getData('text'))) event.preventDefault();
            }}
            onChange={(event) => set(index, { value: event.target.value })}
          />
          <IconButton label={`Remove ${key === '' ? `entry ${index + 1}` : key}`} disabled={entries.length === 1} onClick={() => onChange(entries.filter((_, at) => at !== index))}><X /></IconButton>
        </div>
      ))}
      <div className="flex gap-2">
        <Button size="sm" icon={<Plus />} onClick={() => onChange([...entries, { key: '', value: '' }])}>Add an entry</Button>
        {hidden && <Button size="sm" variant="ghost" icon={shown ? <EyeOff /> : <Eye />} aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? 'Hide the values' : 'Show the values'}</Button>}
      </div>
    </div>
  );
}

/** The entries that have a name, as the server takes them. */
export function toData(entries: readonly Entry[]): Record<string, string> {
  return Object.fromEntries(entries.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value]));
}
