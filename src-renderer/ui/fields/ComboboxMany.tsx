import { X } from 'lucide-react';
import { Combobox, type ComboboxOption } from './Combobox';
import type { FieldControlProps } from './Field';

export interface ComboboxManyProps extends FieldControlProps {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  options: readonly ComboboxOption[];
  placeholder: string;
}

/** Some of many, found by typing; each that is chosen can be taken out again. */
export function ComboboxMany({ chosen, onChange, options, placeholder, ...field }: ComboboxManyProps) {
  const labelOf = (value: string) => options.find((option) => option.value === value)?.label ?? value;
  const rest = options.filter(({ value }) => !chosen.includes(value));
  return (
    <div className="flex flex-col gap-1.5">
      {chosen.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {chosen.map((value) => (
            <li key={value} className="flex h-6 items-center gap-1 rounded-full bg-accent-soft pr-1 pl-2.5 text-xs font-medium text-accent">
              {labelOf(value)}
              <button type="button" aria-label={`Without ${labelOf(value)}`} className="rounded-full p-0.5 hover:bg-hover" onClick={() => onChange(chosen.filter((each) => each !== value))}><X aria-hidden className="size-3" /></button>
            </li>
          ))}
        </ul>
      )}
      <Combobox {...field} value={undefined} placeholder={rest.length === 0 ? 'All of them' : placeholder} disabled={rest.length === 0} onValueChange={(value) => onChange([...chosen, value])} options={rest} />
    </div>
  );
}
