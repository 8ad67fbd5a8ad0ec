import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/Button';
import type { FieldControlProps } from '../ui/fields/Field';
import { IconButton } from '../ui/IconButton';
import { Input } from '../ui/fields/Input';

export interface KeyValueInputProps extends Partial<FieldControlProps> {
  value: Readonly<Record<string, string>>;
  onChange: (value: Record<string, string>) => void;
  disabled?: boolean;
}

/** Names and values. A row without a name is kept here until it has one. */
export function KeyValueInput({ id, value, onChange, disabled = false, ...aria }: KeyValueInputProps) {
  const [rows, setRows] = useState<readonly (readonly [string, string])[]>(() => Object.entries(value));
  const write = (next: readonly (readonly [string, string])[]) => {
    setRows(next);
    onChange(Object.fromEntries(next.filter(([key]) => key !== '')));
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map(([key, text], index) => (
        <div key={index} className="flex gap-1">
          <Input mono aria-label={`Name ${index + 1}`} placeholder="name" disabled={disabled} value={key} onChange={(event) => write(rows.with(index, [event.target.value, text]))} />
          <Input mono aria-label={`Value ${index + 1}`} placeholder="value" disabled={disabled} value={text} onChange={(event) => write(rows.with(index, [key, event.target.value]))} />
          <IconButton label={`Remove ${key === '' ? `entry ${index + 1}` : key}`} disabled={disabled} onClick={() => write(rows.filter((_, at) => at !== index))}><X /></IconButton>
        </div>
      ))}
      <div><Button id={id} {...aria} size="sm" icon={<Plus />} disabled={disabled} onClick={() => setRows([...rows, ['', '']])}>Add</Button></div>
    </div>
  );
}
