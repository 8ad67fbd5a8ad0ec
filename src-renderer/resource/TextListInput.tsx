import { Plus, X } from 'lucide-react';
import { Button } from '../ui/Button';
import type { FieldControlProps } from '../ui/fields/Field';
import { IconButton } from '../ui/IconButton';
import { Input } from '../ui/fields/Input';

export interface TextListInputProps extends Partial<FieldControlProps> {
  value: readonly string[];
  onChange: (value: readonly string[]) => void;
  disabled?: boolean;
  placeholder?: string;
  mono?: boolean;
  addLabel?: string;
}

/** Texts, one below the other. Pasting several lines makes several. */
export function TextListInput({ id, value, onChange, disabled = false, placeholder, mono = false, addLabel = 'Add', ...aria }: TextListInputProps) {
  const replace = (index: number, texts: readonly string[]) => onChange([...value.slice(0, index), ...texts, ...value.slice(index + 1)]);
  return (
    <div className="flex flex-col gap-1.5">
      {value.map((text, index) => (
        <div key={index} className="flex gap-1">
          <Input
            {...(index === 0 ? { id, ...aria } : {})}
            aria-label={index === 0 && id !== undefined ? undefined : `Entry ${index + 1}`}
            mono={mono}
            disabled={disabled}
            value={text}
            placeholder={placeholder}
            onChange={(event) => replace(index, [event.target.value])}
            onPaste={(event) => {
              const lines = event.clipboardData.getData('text').split(/\r?\n/).filter((line) => line.trim() !== '');
              if (lines.length < 2) return;
              event.preventDefault();
              replace(index, lines);
            }}
          />
          <IconButton label={`Remove entry ${index + 1}`} disabled={disabled} onClick={() => replace(index, [])}><X /></IconButton>
        </div>
      ))}
      <div><Button size="sm" icon={<Plus />} disabled={disabled} {...(value.length === 0 ? { id, ...aria } : {})} onClick={() => onChange([...value, ''])}>{addLabel}</Button></div>
    </div>
  );
}
