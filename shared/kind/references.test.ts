import { describe, expect, it } from 'vitest';
import { Box, throwAwayKinds } from '../../test/harness/throwAwayKinds';
import { referencedByIndex, referencesOf, referenceFieldSelector } from './references';
import { matchesFields, parseFieldSelector } from './selectors';

describe('references', () => {
  it('are read with their concrete path, from strings and objects', () => {
    const found = referencesOf(Box, { spec: { shelf: 's', friends: ['a', '', { kind: 'Crate', name: 'c', namespace: 'kradle-org-x' }, 'other/b'] } });
    expect(found.map(({ path, kind, name, org, namespace }) => ({ path, kind, name, org, namespace }))).toEqual([
      { path: 'spec.shelf', kind: 'Shelf', name: 's', org: undefined, namespace: undefined },
      { path: 'spec.friends[0]', kind: 'Box', name: 'a', org: undefined, namespace: undefined },
      { path: 'spec.friends[2]', kind: 'Crate', name: 'c', org: undefined, namespace: 'kradle-org-x' },
      { path: 'spec.friends[3]', kind: 'Box', name: 'b', org: 'other', namespace: undefined },
    ]);
  });

  it('turn round to who names a kind, and to a selector that finds them', () => {
    const index = referencedByIndex(throwAwayKinds);
    expect(index.get('Shelf')?.map(({ kind, reference }) => `${kind.names.kind} ${reference.path}`)).toEqual(['Box spec.shelf']);
    expect(index.get('Realm')).toBeUndefined();
    const [shelf, friends] = Box.refs ?? [];
    const selects = (reference: typeof shelf, name: string, spec: object) => reference !== undefined && matchesFields(parseFieldSelector(referenceFieldSelector(reference, name)), { spec });
    expect(selects(shelf, 's', { shelf: 's' })).toBe(true);
    expect(selects(friends, 'b', { friends: ['a', 'b'] })).toBe(true);
    expect(selects(friends, 'c', { friends: ['a', 'b'] })).toBe(false);
  });
});
