import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { ForgeContext } from '../forgeContext';
import { DeletedObject, type DeletedObjectObject } from './lifecycleKinds';

/** Characters of a piece: it fits into an object, with room for the rest. */
const PIECE_LENGTH = 1_000_000;

export interface KeptObject {
  readonly kind: string;
  readonly depth: number;
  readonly object: KradleObject;
}

/** Keeps an object for the restoration of the deleted repository that it went with; once more replaces what was kept. */
export async function keepObject(ctx: ForgeContext, deletion: { org: string; id: string }, kept: { kind: AnyKind; depth: number; object: KradleObject }): Promise<void> {
  const { org, id } = deletion;
  const { kind, depth, object } = kept;
  const text = gzipSync(JSON.stringify(object)).toString('base64');
  const pieces = Math.max(1, Math.ceil(text.length / PIECE_LENGTH));
  for (let piece = 0; piece < pieces; piece += 1) {
    const spec = { organizationRef: org, deletion: id, kind: kind.names.kind, name: object.metadata.name, depth, data: text.slice(piece * PIECE_LENGTH, (piece + 1) * PIECE_LENGTH), piece, pieces };
    const name = keptName(id, `${kind.names.plural}/${object.metadata.name}/${piece}`);
    try {
      await ctx.resources.create(DeletedObject, org, { metadata: { name }, spec });
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      await ctx.resources.mutate(DeletedObject, { org, name }, (draft) => {
        draft.spec = spec;
      });
    }
  }
}

/** What is kept of a deleted repository, those that own others first. */
export async function readKept(ctx: ForgeContext, deletion: { org: string; id: string }): Promise<KeptObject[]> {
  const items = await listKept(ctx, deletion);
  const pieces = new Map<string, DeletedObjectObject[]>();
  for (const item of items) {
    const key = `${item.spec.kind}/${item.spec.name}`;
    pieces.set(key, [...(pieces.get(key) ?? []), item]);
  }
  return [...pieces.values()].flatMap(joined).sort((left, right) => left.depth - right.depth);
}

export async function listKept(ctx: ForgeContext, { org, id }: { org: string; id: string }): Promise<DeletedObjectObject[]> {
  return (await ctx.resources.list(DeletedObject, { org, fieldSelector: `spec.deletion=${id}` })).items;
}

/** The object of some pieces. Pieces behind the last are of an earlier, larger state of it. */
function joined(items: readonly DeletedObjectObject[]): KeptObject[] {
  const [first] = [...items].sort((left, right) => left.spec.piece - right.spec.piece);
  if (first === undefined) return [];
  const { pieces, kind, depth } = first.spec;
  const data = items.filter(({ spec }) => spec.piece < pieces).sort((left, right) => left.spec.piece - right.spec.piece);
  if (data.length < pieces) return [];
  // It was written by keepObject.
  const object = JSON.parse(gunzipSync(Buffer.from(data.map(({ spec }) => spec.data).join(''), 'base64')).toString('utf8')) as KradleObject;
  return [{ kind, depth, object }];
}

/** A name of fixed length: those of kinds and objects together may be longer than a name may be. */
function keptName(id: string, what: string): string {
  return `${id}-${createHash('sha256').update(what).digest('hex').slice(0, 24)}`;
}
