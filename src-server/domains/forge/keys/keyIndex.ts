import { isStatusError } from '#shared/api/status';
import type { KradleObject, ObjectOf } from '#shared/kind/defineKind';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { organizationOf } from '../../../resources/objectScope';
import { pagesOf } from '../../../resources/pagesOf';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { parsePublicKey } from './publicKey';

export type SSHKeyObject = ObjectOf<typeof SSHKey>;

/** The keys of all organizations by fingerprint: a sign-in asks for one, and lists nothing. */
export interface KeyIndex {
  /**
   * The key with this fingerprint, as it is now. Where two have it (two servers took one each at the same time), the older one is it, and
   * the other opens nothing.
   */
  find(fingerprint: string): Promise<SSHKeyObject | undefined>;
  /** Takes in that a key was written, or with undefined, that any may have been. */
  learn(change: KradleObject | undefined): void;
}

/** Keys read at a time. */
const PAGE = 1000;

/** Read when it is first asked; from then on it learns. A key never changes its bytes, so what is known of one stays true as long as it is there. */
export function createKeyIndex(resources: () => ResourceClient): KeyIndex {
  let places = new Map<string, Map<string, ObjectRef>>();
  let loading: Promise<void> | undefined;

  function note(object: SSHKeyObject): void {
    const parsed = parsePublicKey(object.spec.key);
    if ('problem' in parsed) return;
    const ref = { org: organizationOf(SSHKey, object), name: object.metadata.name };
    const known = places.get(parsed.fingerprint) ?? new Map<string, ObjectRef>();
    places.set(parsed.fingerprint, known.set(`${ref.org}/${ref.name}`, ref));
  }

  async function load(): Promise<void> {
    for await (const { items } of pagesOf((at) => resources().list(SSHKey, { org: '*', ...at }), PAGE)) items.forEach(note);
  }

  async function loaded(): Promise<void> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    await loading;
  }

  return {
    async find(fingerprint) {
      await loaded();
      const found: SSHKeyObject[] = [];
      for (const [key, ref] of places.get(fingerprint) ?? []) {
        const object = await resources().find(SSHKey, ref).catch(unlessGone);
        const parsed = object === undefined ? undefined : parsePublicKey(object.spec.key);
        if (object !== undefined && parsed !== undefined && 'fingerprint' in parsed && parsed.fingerprint === fingerprint) found.push(object);
        else places.get(fingerprint)?.delete(key);
      }
      return found.sort(byAge)[0];
    },
    learn(change) {
      if (change === undefined) {
        places = new Map();
        loading = undefined;
      } else if (change.kind === SSHKey.names.kind) note(change as SSHKeyObject);
    },
  };
}

/** The organization may be gone, too. */
function unlessGone(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound')) throw error;
  return undefined;
}

function byAge(left: SSHKeyObject, right: SSHKeyObject): number {
  return left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp) || left.metadata.uid.localeCompare(right.metadata.uid);
}
