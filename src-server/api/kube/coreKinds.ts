import type { AnyKind, Column } from '#shared/kind/defineKind';
import type { ResourceClient } from '../../resources/resourceClient';
import type { KubeResource } from './kubeResources';

/** Kinds of Kubernetes' core group that are kept here, in the form of that group. A domain keeps them; `app/` hands them in. */
export interface CoreKinds {
  readonly kinds: readonly AnyKind[];
  /** The client of who asks, for whom objects of these kinds have the form of the core group. */
  clientFor(resources: ResourceClient): ResourceClient;
}

const AGE: Column = { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' };
/** A collection in a column of integers is counted. */
const DATA: Column = { name: 'Data', path: 'data', type: 'integer', description: 'How many entries it has.' };

/** What the door says of each beside what its kind says. */
const CORE_VIEWS: Readonly<Record<string, Pick<KubeResource, 'columns' | 'readWarning'>>> = {
  configmaps: { columns: [DATA, AGE] },
  secrets: {
    columns: [{ name: 'Type', path: 'type', type: 'string', description: 'What the values are for.' }, DATA, AGE],
    readWarning: 'values of secrets are answered by nobody: data has the keys, each with an empty value; an empty value that is written back means the one that is there',
  },
};

/** The resource of the core group for a kind that is kept here. */
export function coreResource(kind: AnyKind): KubeResource {
  const { names } = kind;
  return {
    kind, group: '', apiVersion: 'v1', kindName: names.kind, plural: names.plural, singular: names.singular,
    shortNames: names.shortNames ?? [], categories: [], namespaced: true, ...CORE_VIEWS[names.plural],
  };
}
