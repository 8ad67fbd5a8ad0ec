import type { AnyKind, KradleObject, Reference } from '#shared/kind/defineKind';
import { getAllPaths, getPath } from '#shared/kind/paths';
import { referencesOf } from '#shared/kind/references';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { Relocation } from '../../../resources/relocation';

/** An object that belongs to a repository, and how far it is from it by owners. */
export interface Belonging {
  readonly kind: AnyKind;
  readonly object: KradleObject;
  readonly depth: number;
}

/** A place where one kind names another that owns it, or that it cannot be without. */
interface Owning {
  readonly kind: AnyKind;
  readonly reference: Reference;
}

/**
 * Everything that belongs to a repository: what it owns by the kinds' declared references, what those own, and deploy keys, which open
 * nothing else. Not the repository itself. Found by what objects say, not by `ownerReferences`, which a client may have taken away.
 *
 * `issues: own` counts issues that are about this repository and no other one: they follow a transfer.
 */
export async function belongingsOf(relocation: Relocation, repository: ObjectRef, opts: { issues: 'own' | 'none' }): Promise<Belonging[]> {
  const owning = owningReferences(relocation);
  const found = new Map<string, Belonging>();
  let level: readonly { kind: string; name: string }[] = [{ kind: Repository.names.kind, name: repository.name }];
  for (let depth = 1; level.length > 0; depth += 1) {
    const names = new Map<string, Set<string>>();
    for (const { kind, name } of level) names.set(kind, (names.get(kind) ?? new Set()).add(name));
    const next: { kind: string; name: string }[] = [];
    for (const [owner, references] of owning) {
      const wanted = names.get(owner);
      if (wanted === undefined) continue;
      for (const { kind, reference } of references) {
        const items = await relocation.list(kind, repository.org, (object) => namesOne(kind, reference, { object, owner, wanted }));
        for (const object of items) {
          const key = keyOf(kind, object);
          if (found.has(key)) continue;
          found.set(key, { kind, object, depth });
          next.push({ kind: kind.names.kind, name: object.metadata.name });
        }
      }
    }
    if (depth === 1 && opts.issues === 'own') {
      for (const object of await relocation.list(Issue, repository.org, (issue) => isAboutOnly(issue, repository.name))) {
        found.set(keyOf(Issue, object), { kind: Issue, object, depth });
        next.push({ kind: Issue.names.kind, name: object.metadata.name });
      }
    }
    level = next;
  }
  return [...found.values()];
}

/** How many there are of each kind, workspaces aside: they are made anew. */
export function countKinds(kinds: readonly string[]): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) {
    if (kind !== KradleWorkspace.names.kind) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((left, right) => right.count - left.count || left.kind.localeCompare(right.kind));
}

/** By the name of the owner's kind. */
function owningReferences(relocation: Relocation): ReadonlyMap<string, readonly Owning[]> {
  const owning = new Map<string, Owning[]>();
  for (const kind of relocation.kinds.all) {
    if (kind.placement !== 'org') continue;
    for (const reference of kind.refs ?? []) {
      const deployKey = kind.names.kind === SSHKey.names.kind && reference.kind === Repository.names.kind;
      if (reference.owner !== true && !deployKey) continue;
      owning.set(reference.kind, [...(owning.get(reference.kind) ?? []), { kind, reference }]);
    }
  }
  return owning;
}

function namesOne(kind: AnyKind, reference: Reference, { object, owner, wanted }: { object: KradleObject; owner: string; wanted: ReadonlySet<string> }): boolean {
  // Most references are one name: reading it is what every object of the kind is asked.
  if (!reference.path.includes('[]')) {
    const value = getPath(object, reference.path);
    if (typeof value === 'string') return wanted.has(value);
  }
  return referencesOf({ refs: [reference] }, object).some((value) => value.kind === owner && wanted.has(value.name));
}

function isAboutOnly(issue: KradleObject, repository: string): boolean {
  const names = getAllPaths(issue, 'spec.repositories[]').map(({ value }) => value);
  return names.length > 0 && names.every((name) => name === repository);
}

function keyOf(kind: AnyKind, object: KradleObject): string {
  return `${kind.names.plural}/${object.metadata.name}`;
}

/** The name that an object of a repository gets when the repository gets another: pull requests are named after theirs. */
export function nameAfter(kind: AnyKind, name: string, repositories: { from: string; to: string }): string {
  const { from, to } = repositories;
  if (kind.names.kind !== PullRequest.names.kind || !name.startsWith(`${from}-`)) return name;
  const number = name.slice(from.length + 1);
  return /^\d+$/.test(number) ? `${to}-${number}` : name;
}
