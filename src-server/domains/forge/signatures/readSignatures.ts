import type { SignatureView } from '#shared/api/pushPolicies';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import type { Keyring } from './keyring';
import { verifyObject } from './verifyObject';

/** By the keys and people it was judged with, and the object: neither changes. */
const verdicts = new LruCache<SignatureView>(50_000);
const MAX_OBJECT_BYTES = 4 * 1024 * 1024;

/** What became of the signatures of commits and tags, by id; what the repository does not have is left out. */
export async function readSignatures(repository: GitRepository, keyring: Keyring, shas: readonly string[]): Promise<Map<string, SignatureView>> {
  const found = await Promise.all([...new Set(shas)].map(async (sha): Promise<[string, SignatureView][]> => {
    const key = `${keyring.version} ${sha}`;
    // That this repository has the object is asked all the same: ids of others tell nothing.
    const info = await repository.objects.info(sha);
    if (info === undefined || (info.type !== 'commit' && info.type !== 'tag') || info.sizeBytes > MAX_OBJECT_BYTES) return [];
    const known = verdicts.get(key);
    if (known !== undefined) return [[sha, known]];
    const object = await repository.objects.read(sha, MAX_OBJECT_BYTES);
    if (object === undefined) return [];
    const view = await verifyObject(keyring, info.type, object.content);
    verdicts.set(key, view);
    return [[sha, view]];
  }));
  return new Map(found.flat());
}
