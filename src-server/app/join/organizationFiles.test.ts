import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { Issue } from '#shared/kinds/forge/issue';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { createKindResources, ORG } from '../../../test/harness/kindResources';
import { tempDir } from '../../../test/harness/tempDir';
import { openFileBlobStore } from '../../store/fileBlobStore';
import { createOrganizationFiles } from './organizationFiles';

it('removes the folders of an organization and the blobs that are its alone, and touches nothing of another', async () => {
  await using folder = await tempDir('kradle-org-files-');
  const { resources } = await createKindResources();
  await resources.create(Organization, 'other', { metadata: { name: 'other' }, spec: {} as never });
  const blobs = await openFileBlobStore(join(folder.path, 'blobs'));
  const put = async (content: string, opts: { old: boolean }) => {
    const { digest } = await blobs.put(Buffer.from(content));
    const hex = digest.slice('sha256:'.length);
    if (opts.old) await utimes(join(folder.path, 'blobs', 'sha256', hex.slice(0, 2), hex), new Date(0), new Date(0));
    return digest;
  };
  const own = await put('own', { old: true });
  const shared = await put('shared', { old: true });
  const mentioned = await put('mentioned', { old: true });
  const young = await put('young', { old: false });
  const mention = (org: string, name: string, text: string) => resources.create(Issue, org, { metadata: { name }, spec: { organizationRef: org, title: text } });
  for (const [index, digest] of [own, shared, mentioned, young].entries()) await mention(ORG, `issue-${index}`, digest);
  await mention('other', 'same', shared);
  // Perhaps it is no digest: kept, to be safe.
  await mention('other', 'words', `Look at ${mentioned.slice('sha256:'.length)}`);
  const folders = { repositories: join(folder.path, 'repositories'), workspaces: join(folder.path, 'workspaces'), runs: join(folder.path, 'runs') };
  const made = ['repositories', 'workspaces', 'workspaces/.repositories', 'runs'].flatMap((root) => [ORG, 'other'].map((org) => join(folder.path, root, org)));
  for (const path of made) {
    await mkdir(join(path, 'inner'), { recursive: true });
    await writeFile(join(path, 'inner', 'file'), 'x');
  }
  const forgotten: string[] = [];
  const dropped: string[] = [];
  const files = createOrganizationFiles({ resources, kinds: createKindRegistry(allKinds), blobs, repositoryFiles: { keeps: async () => false }, git: { forget: (path) => void forgotten.push(path) }, folders, dropLog: async (org) => void dropped.push(org) });

  await files.removeBlobs(ORG);
  expect(await Promise.all([own, shared, mentioned, young].map((digest) => blobs.has(digest)))).toEqual([false, true, true, true]);
  await files.removeFolders(ORG);
  expect(made.filter((path) => existsSync(path))).toEqual(made.filter((path) => path.endsWith('other')));
  expect(dropped).toEqual([ORG]);
  expect(forgotten).toContain(join(folders.repositories, ORG, 'inner'));
  // After a crash, both are asked again.
  await files.removeBlobs(ORG);
  await files.removeFolders(ORG);
});
