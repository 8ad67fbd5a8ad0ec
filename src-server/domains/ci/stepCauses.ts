import type { StatusCause } from '#shared/api/status';

export interface Step {
  readonly name: string;
  readonly needs?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly script?: string | undefined;
}

/** A program with its arguments, or lines for a shell; both would leave open which one runs. */
export function commandCauses(field: string, step: Pick<Step, 'command' | 'script'>): StatusCause[] {
  if (step.command === undefined || step.script === undefined) return [];
  return [{ code: 'FieldValueForbidden', field: `${field}.script`, message: `${field} has a command and a script; write one of them` }];
}

/** Steps have names of their own, need only steps that there are, and in an order that has a beginning. */
export function stepCauses(steps: readonly Step[]): StatusCause[] {
  const names = new Set(steps.map(({ name }) => name));
  const seen = new Set<string>();
  const causes: StatusCause[] = [];
  for (const [index, step] of steps.entries()) {
    const field = `spec.steps[${index}]`;
    if (seen.has(step.name)) causes.push({ code: 'FieldValueDuplicate', field: `${field}.name`, message: `there is a step "${step.name}" already` });
    seen.add(step.name);
    for (const need of step.needs ?? []) {
      if (!names.has(need)) causes.push({ code: 'FieldValueNotFound', field: `${field}.needs`, message: `"${step.name}" needs "${need}", which is no step of this pipeline` });
    }
    causes.push(...commandCauses(field, step));
  }
  const waiting = causes.length === 0 ? stepsInCycles(steps) : [];
  if (waiting.length > 0) causes.push({ code: 'FieldValueInvalid', field: 'spec.steps', message: `no step of ${waiting.join(', ')} can begin: each waits for another of them` });
  return causes;
}

/** What is left when every step that waits for none of the rest has been taken away. A step without `needs` waits for that before it. */
function stepsInCycles(steps: readonly Step[]): string[] {
  let rest = steps.map(({ name, needs }, index) => ({ name, needs: needs ?? steps.slice(Math.max(0, index - 1), index).map((before) => before.name) }));
  for (let before = -1; before !== rest.length; ) {
    before = rest.length;
    const waiting = new Set(rest.map(({ name }) => name));
    rest = rest.filter(({ needs }) => needs.some((need) => waiting.has(need)));
  }
  return rest.map(({ name }) => name);
}
