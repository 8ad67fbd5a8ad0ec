import type { KubeForm } from '../kubeAccept';
import type { ServedResource, ServedVersion } from '../servedVersions';

const GROUP = 'apidiscovery.k8s.io';

/** The forms of aggregated discovery: one request instead of one a version. kubectl asks for `v2` since 1.30, before for `v2beta1`. */
export const AGGREGATED_FORMS: readonly KubeForm[] = ['v2', 'v2beta1'].map((version) => ({ as: 'APIGroupDiscoveryList', group: GROUP, version }));

/** As clients compare it: with the parameters in this order. */
export function aggregatedContentType(form: KubeForm): string {
  return `application/json;g=${form.group};v=${form.version};as=${form.as}`;
}

/** Groups, versions and resources in one document: the core group for `/api`, all others for `/apis`. */
export function aggregatedDiscovery(versions: readonly ServedVersion[], opts: { form: KubeForm; core: boolean }): unknown {
  const shown = versions.filter((each) => (each.group === '') === opts.core);
  const groups = [...new Set(shown.map((each) => each.group))];
  return {
    kind: opts.form.as,
    apiVersion: `${GROUP}/${opts.form.version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: shown
        .filter((each) => each.group === group)
        .map((each) => ({ version: each.version, resources: each.resources.map((resource) => discovered(resource, each)), freshness: 'Current' })),
    })),
  };
}

function discovered(resource: ServedResource, { group, version }: ServedVersion): unknown {
  const { plural, singular, kindName, namespaced, verbs, shortNames, categories, statusVerbs } = resource;
  const responseKind = { group, version, kind: kindName };
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(statusVerbs === undefined ? {} : { subresources: [{ subresource: 'status', responseKind, verbs: statusVerbs }] }),
  };
}
