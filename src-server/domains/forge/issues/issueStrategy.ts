import type { StatusCause } from '#shared/api/status';
import { Issue } from '#shared/kinds/forge/issue';
import { isPlainObject } from '#shared/kind/paths';
import { isSameActor, toActorReference } from '../../../resources/actorReference';
import { defineStrategy } from '../../../resources/strategy';

/** Authors are who they say, because only the server says it; nobody puts words into the mouth of others; an issue is no part of itself. */
export const issueStrategy = defineStrategy<typeof Issue>({
  kind: Issue,
  prepare({ spec }, { actor, current, now }) {
    const author = toActorReference(actor);
    // What the system brings from elsewhere was written by others.
    const mayName = actor.kind === 'system';
    if (current !== undefined) spec.author = current.spec.author;
    else if (!mayName || spec.author === undefined) spec.author = author;
    if (!Array.isArray(spec.comments)) return;
    const known = new Map(current?.spec.comments?.map((comment) => [comment.id, comment]));
    for (const comment of spec.comments.filter(isPlainObject)) {
      const before = known.get(String(comment.id));
      if (before !== undefined) comment.author = before.author;
      else if (!mayName || comment.author === undefined) comment.author = author;
      comment.createdAt = before?.createdAt ?? (mayName && comment.createdAt !== undefined ? comment.createdAt : now);
      if (!mayName) comment.editedAt = before === undefined ? undefined : before.body === comment.body ? before.editedAt : now;
    }
  },
  validate({ metadata, spec: { parent, blockedBy = [], comments = [], number } }, { actor, current }) {
    const causes: StatusCause[] = [];
    if (current?.spec.number !== undefined && current.spec.number !== number) causes.push({ code: 'FieldValueForbidden', field: 'spec.number', message: 'what people call it by does not change' });
    else if (current !== undefined && current.spec.number !== number && actor.kind !== 'system') causes.push({ code: 'FieldValueForbidden', field: 'spec.number', message: 'the server counts issues' });
    if (parent === metadata.name) causes.push({ code: 'FieldValueInvalid', field: 'spec.parent', message: 'an issue cannot be a part of itself' });
    if (blockedBy.includes(metadata.name)) causes.push({ code: 'FieldValueInvalid', field: 'spec.blockedBy', message: 'an issue cannot wait for itself' });
    const known = new Map(current?.spec.comments?.map((comment) => [comment.id, comment]));
    const seen = new Set<string>();
    for (const [index, { id, body }] of comments.entries()) {
      if (seen.has(id)) causes.push({ code: 'FieldValueDuplicate', field: `spec.comments[${index}].id`, message: `there is a comment "${id}" already` });
      seen.add(id);
      const before = known.get(id);
      const isOthers = actor.kind !== 'system' && before !== undefined && !isSameActor(before.author, toActorReference(actor));
      if (isOthers && before.body !== body) causes.push({ code: 'FieldValueForbidden', field: `spec.comments[${index}].body`, message: `these are the words of ${before.author?.name ?? 'somebody else'}; answer them with a comment of your own` });
    }
    return causes;
  },
});
