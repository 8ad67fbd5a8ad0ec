import { X } from 'lucide-react';
import { Combobox } from '../../../ui/Combobox';
import type { FieldControlProps } from '../../../ui/Field';
import type { TeamObject } from '../memberFacts';

/** Some of the teams. */
export function TeamPicker({ teams, chosen, onChange, ...control }: Partial<FieldControlProps> & { teams: readonly TeamObject[]; chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }) {
  const titleOf = (name: string) => teams.find((team) => team.metadata.name === name)?.spec.displayName ?? name;
  const rest = teams.filter(({ metadata }) => !chosen.includes(metadata.name));
  return (
    <div className="flex flex-col gap-1.5">
      {chosen.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {chosen.map((name) => (
            <li key={name} className="flex h-6 items-center gap-1 rounded-full bg-accent-soft pr-1 pl-2.5 text-xs font-medium text-accent">
              {titleOf(name)}
              <button type="button" aria-label={`Without ${titleOf(name)}`} className="rounded-full p-0.5 hover:bg-hover" onClick={() => onChange(chosen.filter((each) => each !== name))}><X className="size-3" /></button>
            </li>
          ))}
        </ul>
      )}
      <Combobox
        {...control}
        value={undefined}
        placeholder={rest.length === 0 ? 'All of them' : 'Add a team…'}
        disabled={rest.length === 0}
        onValueChange={(name) => onChange([...chosen, name])}
        options={rest.map(({ metadata, spec }) => ({ value: metadata.name, label: spec.displayName, ...(spec.description === undefined ? {} : { description: spec.description }) }))}
      />
    </div>
  );
}
