import { setImmediate } from 'node:timers/promises';
import type { AnyKind } from '#shared/kind/defineKind';
import { formFields } from '#shared/kind/form';
import { kindJsonSchema } from '#shared/kind/jsonSchema';
import { referencedByIndex, type ReferencedBy } from '#shared/kind/references';
import type { KindRegistry } from '#shared/kind/registry';

/** What a generic client needs to know of a kind to find its way: names, columns, references. */
export type KindSummary = ReturnType<typeof summarize>;
/** The same with the kind's form, its JSON Schema, and who names it. */
export type KindDescription = ReturnType<typeof describe>;

/** Descriptions of a registry's kinds, each made when it is first asked for. */
export function createKindDescriptions(registry: KindRegistry) {
  let usedBy: ReadonlyMap<string, readonly ReferencedBy[]> | undefined;
  let summaries: KindSummary[] | undefined;
  const described = new Map<AnyKind, KindDescription>();
  const one = (kind: AnyKind): KindDescription => {
    usedBy ??= referencedByIndex(registry.all);
    const description = described.get(kind) ?? describe(kind, usedBy.get(kind.names.kind) ?? []);
    described.set(kind, description);
    return description;
  };
  return {
    summaries: () => (summaries ??= registry.all.map(summarize)),
    one,
    /** The first time takes a while for all of them together: others have their turn between. */
    async all(): Promise<KindDescription[]> {
      const all: KindDescription[] = [];
      for (const kind of registry.all) {
        if (!described.has(kind)) await setImmediate();
        all.push(one(kind));
      }
      return all;
    },
  };
}

function summarize(kind: AnyKind) {
  return {
    ...kind.names,
    apiVersion: kind.apiVersion,
    context: kind.context,
    purpose: kind.purpose,
    placement: kind.placement,
    storage: kind.storage,
    authored: kind.authored !== false,
    aliases: kind.aliases ?? [],
    columns: kind.columns,
    actions: kind.actions ?? [],
    immutable: kind.immutable ?? [],
    refs: kind.refs ?? [],
  };
}

function describe(kind: AnyKind, usedBy: readonly ReferencedBy[]) {
  return {
    ...summarize(kind),
    usedBy: usedBy.map((each) => ({ kind: each.kind.names.kind, plural: each.kind.names.plural, path: each.reference.path })),
    form: formFields(kind),
    schema: kindJsonSchema(kind),
  };
}
