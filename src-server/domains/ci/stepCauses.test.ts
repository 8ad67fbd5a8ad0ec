import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stepCauses, type Step } from './stepCauses';

it('finds a cycle where there is one, and none where every step needs only earlier ones', () => {
  const ordered = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
    .map((needs): Step[] => needs.map((numbers, index) => ({ name: `s${index}`, needs: index === 0 ? [] : numbers.map((number) => `s${number % index}`) })));
  fc.assert(fc.property(ordered, (steps) => {
    expect(stepCauses(steps)).toEqual([]);
    expect(stepCauses([...steps].reverse())).toEqual([]);
  }));
  fc.assert(fc.property(ordered, fc.nat(), (steps, at) => {
    const closed = steps.map((step, index) => (index === at % steps.length ? { ...step, needs: [...(step.needs ?? []), step.name] } : step));
    expect(stepCauses(closed)).toMatchObject([{ field: 'spec.steps' }]);
  }));
});

it('a step that says nothing waits for the one before it', () => {
  expect(stepCauses([{ name: 'a', needs: ['b'] }, { name: 'b' }])).toMatchObject([{ field: 'spec.steps' }]);
  expect(stepCauses([{ name: 'a' }, { name: 'b' }])).toEqual([]);
});
