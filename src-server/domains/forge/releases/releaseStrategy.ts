import { createHash } from 'node:crypto';
import type { StatusCause } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { Release } from '#shared/kinds/forge/release';
import { toActorReference } from '../../../resources/actorReference';
import { type AnyStrategy, defineStrategy } from '../../../resources/strategy';
import { isRefName } from '../git/refs/refName';

/** A name that is read well where the tag allows it, and that no other tag of any repository has. */
export function releaseName(repository: string, tag: string): string {
  const plain = `${repository}-${tag}`;
  // A dash in the tag could be the end of another repository's name.
  if (/^[a-z0-9]([a-z0-9.]*[a-z0-9])?$/.test(tag) && plain.length <= 200) return plain;
  const slug = tag.toLowerCase().replace(/[^a-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 100);
  return `${repository}-${slug === '' ? 'tag' : slug}-${createHash('sha256').update(`${repository}\0${tag}`).digest('hex').slice(0, 8)}`;
}

/** A release is its maker's, of a tag that there can be, and the only one of its tag. */
export const releaseStrategy: AnyStrategy = defineStrategy<typeof Release>({
  kind: Release,
  defaultName(spec) {
    return isPlainObject(spec) && typeof spec.repository === 'string' && typeof spec.tag === 'string' ? releaseName(spec.repository, spec.tag) : undefined;
  },
  prepare({ spec }, { operation, actor, current }) {
    if (operation === 'update') spec.createdBy = current?.spec.createdBy;
    else if (actor.kind !== 'system' || spec.createdBy === undefined) spec.createdBy = toActorReference(actor);
  },
  async validate(object, { operation, current, org, resources }) {
    const { repository, tag, draft } = object.spec;
    const causes: StatusCause[] = [];
    if (tag.startsWith('-') || !isRefName(`refs/tags/${tag}`)) {
      causes.push({ code: 'FieldValueInvalid', field: 'spec.tag', message: `"${tag}" cannot be the name of a tag; write one such as v1.2.0` });
    }
    if (current !== undefined && !current.spec.draft && draft) {
      causes.push({ code: 'FieldValueForbidden', field: 'spec.draft', message: 'it is published, and people may have it: delete it to take it back' });
    }
    if (operation === 'create') {
      const { items } = await resources.list(Release, { org, fieldSelector: `spec.repository=${repository}` });
      const same = items.find(({ metadata, spec }) => spec.tag === tag && metadata.name !== object.metadata.name);
      if (same !== undefined) causes.push({ code: 'FieldValueDuplicate', field: 'spec.tag', message: `there is already a release of ${tag}: ${same.metadata.name}` });
    }
    return causes;
  },
});
