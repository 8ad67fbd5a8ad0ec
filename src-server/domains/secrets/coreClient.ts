import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject, ObjectInputOf, ObjectOf } from '#shared/kind/defineKind';
import { isPlainObject } from '#shared/kind/paths';
import type { Actor } from '../../resources/actor';
import type { ObjectPatch, ObjectRef, ResourceClient, TypedEvent, WriteOptions } from '../../resources/resourceClient';
import { ConfigMap } from './configMap';
import { toCore, toKept, type CoreForm } from './coreForm';
import { Secret } from './secret';
import { sealDocument, sealOperations, type Sealed } from './secretDocuments';
import { inTheNameOf, type SecretsContext } from './secretsContext';
import type { SecretObject, SecretVault } from './secretVault';
import { bundlesOf } from './valueReference';

const SECRET_FORM: CoreForm = { kind: Secret, fields: ['data', 'type', 'immutable'], show: (field, value) => ((field === 'data' || field === 'stringData') && isPlainObject(value) ? emptied(value) : value) };
const CONFIG_MAP_FORM: CoreForm = { kind: ConfigMap, fields: ['data', 'binaryData', 'immutable'], show: (_field, value) => value };
const FORMS: ReadonlyMap<AnyKind, CoreForm> = new Map<AnyKind, CoreForm>([[Secret, SECRET_FORM], [ConfigMap, CONFIG_MAP_FORM]]);

/** Kinds of Kubernetes' core group that are kept here, as the Kubernetes door serves them. */
export interface CoreKinds {
  readonly kinds: readonly AnyKind[];
  /**
   * The client of who asks, for whom secrets and config maps have the form of Kubernetes' core group. Values of secrets go in and never come
   * out: a reader gets their keys, each with an empty value, and an empty value that is written means the one that is there.
   */
  clientFor(resources: ResourceClient): ResourceClient;
}

export function createCoreKinds(ctx: SecretsContext, vault: SecretVault): CoreKinds {
  return { kinds: [...FORMS.keys()], clientFor: (resources) => coreClient(ctx, vault, resources) };
}

 
function coreClient(ctx: SecretsContext, vault: SecretVault, resources: ResourceClient): ResourceClient {
  /** Right first, then the deed in the system's name, for internal kinds are the system's alone. */
  const allowed = async (verb: string, kind: AnyKind, ref: { org: string; name?: string }): Promise<{ form: CoreForm; own: ResourceClient }> => {
    const form = FORMS.get(kind);
    if (form === undefined) throw new Error(`${kind.names.kind} has no form of the core group`);
    await resources.require(verb, kind, ref);
    return { form, own: ctx.resources.as(inTheNameOf(resources.actor)) };
  };
  const current = async (kind: AnyKind, ref: ObjectRef): Promise<SecretObject | undefined> => (kind === (Secret as AnyKind) ? ctx.resources.find(Secret, ref) : undefined);

  /** Stores the values of a secret, then writes what refers to them; takes them back when that fails. */
  async function sealing<T>(sealed: Sealed, write: (document: unknown) => Promise<T>): Promise<T> {
    try {
      return await write(sealed.document);
    } catch (error) {
      await sealed.undo();
      throw error;
    }
  }
  // eslint-disable-next-line max-params -- as the contract's own
  async function sealed(kind: AnyKind, ref: { org: string; name: string | undefined }, document: unknown, options?: WriteOptions): Promise<Sealed> {
    if (kind !== (Secret as AnyKind) || !isPlainObject(document)) return { document, undo: () => Promise.resolve() };
    const name = ref.name ?? nameOf(document);
    const place = { org: ref.org, name, current: name === '' ? undefined : await current(kind, { org: ref.org, name }) };
    return sealDocument(vault, place, document, options?.dryRun);
  }

  const client: ResourceClient = {
    ...resources,
    as: (actor: Actor) => coreClient(ctx, vault, resources.as(actor)),
    async get(kind, ref) {
      const { form } = await allowed('get', kind, ref);
      return core(kind, form, await ctx.resources.get(kind, ref));
    },
    async find(kind, ref) {
      if (!FORMS.has(kind)) return resources.find(kind, ref);
      const { form } = await allowed('get', kind, ref);
      const found = await ctx.resources.find(kind, ref);
      return found === undefined ? undefined : core(kind, form, found);
    },
    async list(kind, scope) {
      if (!FORMS.has(kind)) return resources.list(kind, scope);
      const { form, reader } = await readerOf('list', kind, scope.org);
      const { items, metadata } = await reader.list(kind, scope);
      return { items: items.map((item) => core(kind, form, item)), metadata };
    },
    watch: (kind, scope) => (FORMS.has(kind) ? events(kind, scope) : resources.watch(kind, scope)),
    /* eslint-disable max-params -- the contract's own signatures */
    async create(kind, org, input, opts) {
      const { form, own } = await allowed('create', kind, { org });
      const { metadata } = input;
      const named = metadata.name === undefined && metadata.generateName !== undefined ? { ...input, metadata: { ...metadata, name: generated(metadata.generateName) } } : input;
      return sealing(await sealed(kind, { org, name: undefined }, named, opts), async (document) => core(kind, form, await own.create(kind, org, kept(kind, form, document), opts)));
    },
    async update(kind, org, input, opts) {
      const name = nameOf(input);
      const { form, own } = await allowed('update', kind, { org, name });
      return sealing(await sealed(kind, { org, name }, input, opts), async (document) => core(kind, form, await own.update(kind, org, kept(kind, form, document), opts)));
    },
    async patch(kind, ref, patch, opts) {
      const existing = await ctx.resources.find(kind, ref);
      const { form, own } = await allowed(existing === undefined && patch.type === 'apply' ? 'create' : 'update', kind, ref);
      const change = await sealedPatch(kind, ref, patch, opts);
      return sealing(change, async (document) => {
        const { object, created } = await own.patch(kind, ref, keptPatch(form, patch, document), opts);
        return { object: core(kind, form, object), created };
      });
    },
    async delete(kind, ref, opts) {
      const { form, own } = await allowed('delete', kind, ref);
      const deleted = await own.delete(kind, ref, opts);
      const isGone = opts?.dryRun !== true && (deleted.metadata.finalizers ?? []).length === 0;
      if (isGone && kind === (Secret as AnyKind)) await vault.erase(ref.org, bundlesOf(deleted));
      return core(kind, form, deleted);
    },
    /* eslint-enable max-params */
  };
  return client;

  /** Reads for the system; over all organizations, in those alone in which who asks may read it. */
   
  async function readerOf(verb: 'list' | 'watch', kind: AnyKind, org: string): Promise<{ form: CoreForm; reader: ResourceClient }> {
    const { orgs } = resources.actor;
    if (org !== '*' || orgs === '*') return { form: (await allowed(verb, kind, { org })).form, reader: ctx.resources };
    const open = await Promise.all(orgs.map(async (each) => ((await resources.may(verb, kind, { org: each })).allowed ? [each] : [])));
    const form = FORMS.get(kind) ?? SECRET_FORM;
    return { form, reader: ctx.resources.as({ ...inTheNameOf(resources.actor), orgs: open.flat() }) };
  }

  async function* events<TKind extends AnyKind>(kind: TKind, scope: Parameters<ResourceClient['watch']>[1]): AsyncGenerator<TypedEvent<ObjectOf<TKind>>> {
    const { form, reader } = await readerOf('watch', kind, scope.org);
    for await (const event of reader.watch(kind, scope)) yield event.object === undefined ? event : { ...event, object: core(kind, form, event.object) };
  }

  // eslint-disable-next-line max-params -- as the contract's own
  async function sealedPatch(kind: AnyKind, ref: ObjectRef, patch: ObjectPatch, opts?: WriteOptions): Promise<Sealed> {
    if (patch.type !== 'json') return sealed(kind, ref, patch.type === 'merge' ? patch.patch : patch.object, opts);
    if (kind !== (Secret as AnyKind)) return { document: patch.operations, undo: () => Promise.resolve() };
    return sealOperations(vault, { ...ref, current: await current(kind, ref) }, patch.operations, opts?.dryRun);
  }
}

/** The types of the contract are the kept form's; what is answered has the core form, which the door knows nothing of. */
 
function core<TKind extends AnyKind>(_kind: TKind, form: CoreForm, object: KradleObject): ObjectOf<TKind> {
  return toCore(form, object) as unknown as ObjectOf<TKind>;
}

 
function kept<TKind extends AnyKind>(_kind: TKind, form: CoreForm, document: unknown): ObjectInputOf<TKind> {
  if (!isPlainObject(document)) throw new StatusError('BadRequest', `The body must be a ${form.kind.names.kind} as an object`);
  return toKept(form, document) as unknown as ObjectInputOf<TKind>;
}

 
function keptPatch(form: CoreForm, patch: ObjectPatch, document: unknown): ObjectPatch {
  if (patch.type === 'json') return { type: 'json', operations: keptOperations(form, document) };
  const content = isPlainObject(document) ? toKept(form, document) : document;
  return patch.type === 'merge' ? { type: 'merge', patch: content } : { ...patch, object: content };
}

/** `/data/a` is `/spec/data/a`. */
function keptOperations(form: CoreForm, operations: unknown): unknown {
  if (!Array.isArray(operations)) return operations;
  const place = (pointer: unknown): unknown => (typeof pointer === 'string' && form.fields.includes(pointer.split('/')[1] ?? '') ? `/spec${pointer}` : pointer);
  return operations.map((operation: unknown) => (isPlainObject(operation) ? { ...operation, path: place(operation.path), ...(operation.from === undefined ? {} : { from: place(operation.from) }) } : operation));
}

function emptied(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.keys(value).map((key) => [key, '']));
}

function nameOf(document: unknown): string {
  const metadata = isPlainObject(document) && isPlainObject(document.metadata) ? document.metadata : {};
  return typeof metadata.name === 'string' ? metadata.name : '';
}

function generated(prefix: unknown): string {
  return `${String(prefix).slice(0, 58)}${Math.random().toString(36).slice(2, 7).padEnd(5, 'x')}`;
}
