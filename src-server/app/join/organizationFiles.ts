import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { RepositoryFiles } from '../../domains/forge/files/repositoryFiles';
import type { GitRepositories } from '../../domains/forge/git/gitRepositories';
import { organizationOf } from '../../resources/objectScope';
import { pagesOf } from '../../resources/pagesOf';
import type { ResourceClient } from '../../resources/resourceClient';
import type { BlobRemoval } from '../../store/blobStore';

/** A blob that is younger may be on its way to an object that will refer to it, in ms. */
const YOUNG_MS = 3_600_000;
/** Objects read at a time. */
const PAGE = 200;
/** With and without the name of the algorithm: what is only perhaps a digest keeps a blob, too. */
const HEX_PATTERN = /[0-9a-f]{64}/g;
const DIGEST_PATTERN = /sha256:([0-9a-f]{64})/g;

export interface OrganizationFilesOptions {
  readonly resources: ResourceClient;
  readonly kinds: KindRegistry;
  readonly blobs: BlobRemoval;
  /** Content that repositories have, too, is theirs to remove. */
  readonly repositoryFiles: Pick<RepositoryFiles, 'keeps'>;
  readonly git: Pick<GitRepositories, 'forget'>;
  /** Deletes the log that an organization's acts are recorded in. */
  readonly dropLog: (org: string) => Promise<void>;
  readonly folders: { readonly repositories: string; readonly workspaces: string; readonly runs: string };
}

export type OrganizationFiles = ReturnType<typeof createOrganizationFiles>;

/** What organizations have in the data folder, removed when they are deleted. */
export function createOrganizationFiles(options: OrganizationFilesOptions) {
  const { resources, kinds, blobs, repositoryFiles, git, folders } = options;

  async function* everything(): AsyncGenerator<KradleObject> {
    for await (const { items } of pagesOf((at) => resources.listOrg({ org: '*', kinds: kinds.all, ...at }), PAGE)) yield* items;
  }

  async function removeFolder(path: string): Promise<void> {
    for (const name of await readdir(path).catch(() => [])) git.forget(join(path, name));
    await rm(path, { recursive: true, force: true });
  }

  return {
    /** Blobs that the organization's objects refer to and no other object does. Blobs are named by content, so others may have the same. */
    async removeBlobs(org: string): Promise<void> {
      const own = new Set<string>();
      const others = new Set<string>();
      for await (const object of everything()) {
        const text = contentOf(object);
        if (belongsTo(org, object, kinds.find(object.kind))) for (const [, hex = ''] of text.matchAll(DIGEST_PATTERN)) own.add(hex);
        else for (const [hex] of text.matchAll(HEX_PATTERN)) others.add(hex);
      }
      for (const hex of own) {
        if (!others.has(hex) && !(await repositoryFiles.keeps(`sha256:${hex}`))) await blobs.remove(`sha256:${hex}`, { olderThanMs: YOUNG_MS });
      }
    },
    /** Digests, as hexadecimal digits, that any object names. */
    async namedDigests(): Promise<ReadonlySet<string>> {
      const named = new Set<string>();
      for await (const object of everything()) for (const [hex] of contentOf(object).matchAll(HEX_PATTERN)) named.add(hex);
      return named;
    },
    async removeFolders(org: string): Promise<void> {
      await removeFolder(join(folders.workspaces, org));
      await removeFolder(join(folders.workspaces, '.repositories', org));
      await removeFolder(join(folders.repositories, org));
      await removeFolder(join(folders.runs, org));
      await options.dropLog(org);
    },
  };
}

function contentOf({ spec, status, metadata }: KradleObject): string {
  return JSON.stringify([spec, status, metadata.annotations]);
}

function belongsTo(org: string, object: KradleObject, kind: AnyKind | undefined): boolean {
  return kind !== undefined && organizationOf(kind, object) === org;
}
