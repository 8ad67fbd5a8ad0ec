import { Plus, Trash2 } from 'lucide-react';
import type { ObjectByPlural } from '../../api/liveList';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/fields/Field';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';

type StoredRule = NonNullable<ObjectByPlural<'refpolicies'>['spec']['commitMessages']>[number];

/** One demand on commit messages while it is written: every text is there, an empty one asks for nothing. */
export interface MessageRule {
  /** Tells it from the others while they come and go. */
  readonly id: string;
  readonly part: StoredRule['part'];
  readonly mustMatch: string;
  readonly mustNotMatch: string;
  readonly message: string;
}

const PARTS = [{ value: 'subject', label: 'First line' }, { value: 'body', label: 'What follows it' }, { value: 'message', label: 'All of it' }] as const;
/** More the kind refuses. */
const MAX_RULES = 20;

export interface MessageRulesProps {
  rules: readonly MessageRule[];
  /** What is wrong with a pattern of the rule at an index. */
  errors: (index: number, pattern: 'mustMatch' | 'mustNotMatch') => string | undefined;
  onChange: (rules: readonly MessageRule[]) => void;
}

/** What commit messages have to say, and may not: as many demands as there are. */
export function MessageRules({ rules, errors, onChange }: MessageRulesProps) {
  const change = (id: string, next: Partial<MessageRule>) => onChange(rules.map((rule) => (rule.id === id ? { ...rule, ...next } : rule)));
  return (
    <div className="flex flex-col gap-3">
      {rules.map((rule, index) => (
        <fieldset key={rule.id} aria-label={`Commit messages, rule ${index + 1}`} className="flex min-w-0 flex-col gap-3 rounded-md border p-3">
          <div className="flex items-end gap-2">
            <Field label="Of commit messages" className="flex-1">{(control) => <Select {...control} className="w-full" value={rule.part} onValueChange={(part) => change(rule.id, { part })} options={PARTS} />}</Field>
            <IconButton label={`Remove rule ${index + 1} of commit messages`} onClick={() => onChange(rules.filter(({ id }) => id !== rule.id))}><Trash2 /></IconButton>
          </div>
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <Field label="Must match" help="A regular expression of RE2: ^(feat|fix): ." error={errors(index, 'mustMatch')}>{(control) => <Input {...control} mono value={rule.mustMatch} onChange={(event) => change(rule.id, { mustMatch: event.target.value })} />}</Field>
            <Field label="Must not match" help="^(fixup|WIP)" error={errors(index, 'mustNotMatch')}>{(control) => <Input {...control} mono value={rule.mustNotMatch} onChange={(event) => change(rule.id, { mustNotMatch: event.target.value })} />}</Field>
          </div>
          <Field label="What is told to who pushes" optional>{(control) => <Input {...control} maxLength={500} value={rule.message} placeholder='write "feat: ..."' onChange={(event) => change(rule.id, { message: event.target.value })} />}</Field>
        </fieldset>
      ))}
      <Button size="sm" className="self-start" icon={<Plus />} disabled={rules.length >= MAX_RULES} onClick={() => onChange([...rules, newMessageRule()])}>Add a rule of commit messages</Button>
    </div>
  );
}

export function toMessageRules(stored: readonly StoredRule[] | undefined): MessageRule[] {
  return (stored ?? []).map(({ part, mustMatch = '', mustNotMatch = '', message = '' }) => ({ id: crypto.randomUUID(), part, mustMatch, mustNotMatch, message }));
}

/** Those that ask for something, as they are kept. */
export function fromMessageRules(rules: readonly MessageRule[]): StoredRule[] {
  return rules.filter(asksSomething).map(({ part, mustMatch, mustNotMatch, message }) => ({
    part, ...(mustMatch === '' ? {} : { mustMatch }), ...(mustNotMatch === '' ? {} : { mustNotMatch }), ...(message === '' ? {} : { message }),
  }));
}

/** What the server calls the patterns, by where they stand here: it gets those that ask for something. */
export function pathsOfMessages(rules: readonly MessageRule[]): Record<`${number}.${'mustMatch' | 'mustNotMatch'}`, string> {
  const paths: Record<`${number}.${'mustMatch' | 'mustNotMatch'}`, string> = {};
  for (const [index, rule] of rules.entries()) {
    const kept = rules.slice(0, index).filter(asksSomething).length;
    if (asksSomething(rule)) for (const pattern of ['mustMatch', 'mustNotMatch'] as const) paths[`${index}.${pattern}`] = `spec.commitMessages[${kept}].${pattern}`;
  }
  return paths;
}

function asksSomething({ mustMatch, mustNotMatch }: MessageRule): boolean {
  return mustMatch !== '' || mustNotMatch !== '';
}

function newMessageRule(): MessageRule {
  return { id: crypto.randomUUID(), part: 'subject', mustMatch: '', mustNotMatch: '', message: '' };
}
