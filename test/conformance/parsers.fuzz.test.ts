import { afterEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { isStatusError, StatusError } from '#shared/api/status';
import { applyMergePatch } from '#shared/kind/mergePatch';
import { normalizeName, normalizeOrgSlug, orgOfNamespace } from '#shared/kind/names';
import { objectName } from '#shared/kind/objectMeta';
import { formatPath, getPath, parsePath } from '#shared/kind/paths';
import { formatFieldRequirement, formatLabelSelector, matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector } from '#shared/kind/selectors';
import { acceptsGzip } from '../../src-server/api/acceptEncoding';
import { negotiateKube } from '../../src-server/api/kube/kubeAccept';
import { readKubeNamespace } from '../../src-server/api/kube/kubeNamespace';
import { readIncludeObject, readListParameters } from '../../src-server/api/kube/objects/listParameters';
import { parseYaml } from '../../src-server/api/kube/objects/parseYaml';
import { readQuery } from '../../src-server/api/kube/objects/queryParameters';
import { findDuplicateKeys } from '../../src-server/api/kube/objects/scanJson';
import { DELETE_PARAMETERS, readDeleteOptions, readWriteParameters } from '../../src-server/api/kube/objects/writeParameters';
import { CliError } from '../../src-server/cli/exitCode';
import { parseManifests } from '../../src-server/cli/manifests';
import { isBranchName, isRefName } from '../../src-server/domains/forge/git/refs/refName';
import { matchesRef, refPatternProblem } from '../../src-server/domains/forge/protection/refPattern';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { applyJsonPatch } from '../../src-server/resources/jsonPatch';
import { sortedPage } from '../../src-server/resources/sortedList';
import { pathsOf, readFieldSet } from '../../src-server/resources/ownership/fieldSet';
import { readOwners } from '../../src-server/resources/ownership/managedFields';
import { decodeContinueToken } from '../../src-server/store/continueToken';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { parseRevision, readRevision } from '../../src-server/store/revision';
import { createTestResources } from '../harness/testResources';
import { Shelf } from '../harness/throwAwayKinds';

/** Input of this size may take {@link PATIENCE_MS} of the processor and no longer. */
const MAX_CHARACTERS = 8_192;
const PATIENCE_MS = 100;
const RUNS = 300;
/** Reading 8 KiB of YAML takes ten times as long as anything else here. */
const YAML_RUNS = 100;

/**
 * Text as somebody writes who wants a parser to stumble: words of its grammar, in any order, some of them very often, names that reach
 * prototypes, characters that are none. What takes a parser more than linear time is nearly always a repetition.
 */
function hostileText(...grammar: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...grammar, 'a', ' ', '.', ',', '/') },
    { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', '\u0000', '\ud800', '\u{1f600}', 'é', '\\', '\n', '\t', '%', '9999999999999999999999', '-1', 'NaN') },
    { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'grapheme' }) },
  );
  const phrase = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(''));
  const times = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.nat({ max: 60 }) }, { weight: 1, arbitrary: fc.constant(MAX_CHARACTERS) });
  const repeated = fc.tuple(phrase, times).map(([text, count]) => text.repeat(Math.min(count, Math.ceil(MAX_CHARACTERS / text.length))));
  return fc.array(repeated, { maxLength: 5 }).map((parts) => parts.join('').slice(0, MAX_CHARACTERS));
}

/** JSON with the keys and values that matter to what reads it. */
function hostileJson(...keys: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', '', '/', '~', '.') });
  const { value } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(null, true, -1, 1e308, '', '__proto__', ...keys), fc.integer()),
      tie('object'),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
    // Through text, so that `__proto__` is a key, as in a body that was parsed.
    object: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => JSON.parse(`{${entries.map(([name, child]) => `${JSON.stringify(name)}:${JSON.stringify(child)}`).join()}}`) as Record<string, unknown>),
  }));
  return value;
}

/**
 * Reads input, and fails when it takes too long or fails in another way than by an answer to whoever sent it. What the first reads take
 * is spent on compiling the parser: slow is only what is slow again.
 */
function survive<T>(read: () => T): T | undefined {
  for (let attempt = 0; ; attempt += 1) {
    const startedAt = process.cpuUsage();
    let answer: T | undefined;
    try {
      answer = read();
    } catch (error) {
      if (!(error instanceof StatusError) || error.code === 'INTERNAL_ERROR') throw error;
    }
    const tookMs = cpuMsSince(startedAt);
    if (tookMs <= PATIENCE_MS) return answer;
    if (attempt === 3) throw new Error(`took ${Math.round(tookMs)} ms`);
  }
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function always<T>(input: fc.Arbitrary<T>, check: (input: T) => unknown, numRuns = RUNS): void {
  fc.assert(fc.property(input, (value) => void check(value)), { numRuns });
}

const prototypeKeys = Object.getOwnPropertyNames(Object.prototype).sort();
const arrayKeys = Object.getOwnPropertyNames(Array.prototype).sort();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototypeKeys);
  expect(Object.getOwnPropertyNames(Array.prototype).sort()).toEqual(arrayKeys);
});

describe('whatever is sent is read or refused, at once:', () => {
  const labelled = { metadata: { name: 'a', labels: { a: 'b' } }, spec: { a: [{ a: 'b' }] } };

  test('label selectors, and what was read comes back from its text', () => {
    always(hostileText('=', '==', '!=', '!', ' in ', ' notin ', '(', ')', 'app', 'kradle.a5c.ai/org'), (text) => {
      const requirements = survive(() => parseLabelSelector(text));
      if (requirements === undefined) return;
      const written = formatLabelSelector(requirements);
      if (written.length <= MAX_CHARACTERS) expect(parseLabelSelector(written)).toEqual(requirements);
      survive(() => matchesLabels(requirements, labelled.metadata.labels));
    });
  });

  test('field selectors, and what was read comes back from its text', () => {
    always(hostileText('=', '==', '!=', '\\', '\\,', '\\=', 'metadata.name', 'status.phase', 'spec.a[]', '[0]'), (text) => {
      const requirements = survive(() => parseFieldSelector(text));
      if (requirements === undefined) return;
      const written = requirements.map(({ field, operator, value }) => formatFieldRequirement(field, operator, value)).join(',');
      const plain = requirements.every(({ value }) => value === value.trim());
      if (plain && requirements.length > 0 && written.length <= MAX_CHARACTERS) expect(parseFieldSelector(written)).toEqual(requirements);
      survive(() => matchesFields(requirements, labelled));
    });
  });

  test('field paths, and what was read comes back from its text', () => {
    always(hostileText('[]', '[0]', '[', ']', '\\.', '..', 'spec', '[12345678901234567890]'), (text) => {
      const path = survive(() => parsePath(text));
      if (path === undefined) return;
      expect(parsePath(formatPath(path as PropertyKey[]))).toEqual(path);
      survive(() => getPath(labelled, path));
    });
  });

  test('continue tokens of the store and of sorted lists, and resourceVersions', async () => {
    const token = fc.oneof(hostileText('["5","widgets/n/a"]', '[', '"', 'sorted.', 'WyI1Iiwid2lkZ2V0cy9uL2EiXQ'), hostileJson('5', 'widgets/n/a').map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')));
    always(token, (text) => {
      const read = survive(() => decodeContinueToken(text));
      if (read !== undefined) expect(typeof read.revision).toBe('bigint');
    });
    const store = createMemoryStore();
    await fc.assert(fc.asyncProperty(token, async (text) => {
      await expect(sortedPage(store, {}, { sort: 'metadata.name', identity: 'x', continue: `sorted.${text}` })).rejects.toSatisfy((error) => isStatusError(error, 'BadRequest'));
    }), { numRuns: RUNS });
    always(hostileText('0', '1', '9223372036854775807', '18446744073709551616', '0x1', '1e3', '+', '١'), (text) => {
      const revision = survive(() => parseRevision(text));
      expect(readRevision(text)).toBe(revision);
      if (revision !== undefined) expect(revision.toString()).toBe(text);
    });
  });

  test('YAML at the Kubernetes door', () => {
    const grammar = ['- ', ': ', 'a: ', '\n', '\n  ', '&a ', '*a', '[', ']', '{', '}', '"', "'", '|\n', '>\n', '? ', '!!binary ', '!!js/function ', '<<: ', '---\n', '...\n', '%TAG ! a:\n', '# '];
    always(hostileText(...grammar), (text) => survive(() => parseYaml(text)), YAML_RUNS);
    always(hostileJson('a', 'b: c', '- ', '*a', 'yes', '0x10', '1_000', '~'), (value) => expect(parseYaml(stringify(value)).value ?? null).toEqual(value ?? null));
  });

  test('YAML of the command line and of config.yaml', async () => {
    const grammar = ['- ', ': ', 'kind: User\n', 'metadata: {name: a}\n', '\n', '\n  ', '&a ', '*a', '[', ']', '{', '}', '"', '|\n', '? ', '<<: ', '---\n', 'kind: List\nitems:\n'];
    await fc.assert(fc.asyncProperty(hostileText(...grammar), async (text) => {
      const startedAt = process.cpuUsage();
      await parseManifests(text, 'a.yaml').then(JSON.stringify, (error: unknown) => expect(error).toBeInstanceOf(CliError));
      // A person waits for it, and nobody else.
      expect(cpuMsSince(startedAt)).toBeLessThan(10 * PATIENCE_MS);
    }), { numRuns: YAML_RUNS });
  });

  test('JSON, for keys that stand twice', () => {
    always(hostileText('{', '}', '[', ']', '"', '\\"', '"a":', ':', '{"a":1,', '{"a":{', '[['), (text) => survive(() => findDuplicateKeys(text)));
    always(hostileJson('a', 'b'), (value) => expect(findDuplicateKeys(JSON.stringify(value))).toEqual([]));
  });

  test('query parameters of the Kubernetes door', () => {
    const names = ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'timeoutSeconds', 'watch', 'allowWatchBookmarks', 'dryRun', 'fieldManager', 'fieldValidation', 'force', 'propagationPolicy', 'includeObject', 'pretty'];
    const query = hostileText('&', '=', '%', '%00', '%ff', '+', '&&', ...names, '=1', '=true', '=0', '=All', '=Exact', '=NotOlderThan', '=-1');
    always(query, (text) => {
      const url = new URL(`http://localhost/?${text.replace(/[\ud800-\udfff]/g, '')}`);
      survive(() => readListParameters(url));
      survive(() => readIncludeObject(url));
      for (const verb of ['create', 'update', 'patch'] as const) survive(() => readWriteParameters(url, { userAgent: text, verb }));
      survive(() => readDeleteOptions(readQuery(url.searchParams, DELETE_PARAMETERS), undefined));
    });
    always(hostileJson('kind', 'DeleteOptions', 'preconditions', 'uid', 'resourceVersion', 'propagationPolicy', 'Orphan', 'dryRun', 'All'), (body) => survive(() => readDeleteOptions(readQuery(new URLSearchParams(), DELETE_PARAMETERS), body)));
  });

  test('Accept and Accept-Encoding', () => {
    const table = [{ as: 'Table', group: 'meta.k8s.io', version: 'v1' }];
    always(hostileText('application/json', 'application/yaml', ';as=Table', ';v=v1', ';g=meta.k8s.io', ';q=', '0.5', '*/*', '*', 'gzip', ';', '=', '"'), (header) => {
      survive(() => negotiateKube(header, { forms: table }));
      expect(typeof survive(() => acceptsGzip(header))).toBe('boolean');
    });
  });

  test('names of objects, organizations and namespaces', () => {
    always(hostileText('kradle-org-', 'krate-org-', 'kradle-system', 'default', '-', '..', 'A', '%2f'), (text) => {
      const name = survive(() => normalizeName(text)) ?? '';
      expect(objectName.safeParse(name).success).toBe(true);
      expect(normalizeName(name)).toBe(name);
      const slug = survive(() => normalizeOrgSlug(text)) ?? '';
      expect(slug === '' || objectName.safeParse(slug).success).toBe(true);
      survive(() => objectName.safeParse(text));
      survive(() => [orgOfNamespace(text), readKubeNamespace(text)]);
    });
  });

  test('names and patterns of git references', () => {
    const text = hostileText('refs/heads/', 'refs/tags/', '*', '**', '?', '***', '/', '@{', '.lock', '..', 'main');
    always(fc.tuple(text, text), ([pattern, ref]) => {
      survive(() => [isRefName(ref), isBranchName(ref), refPatternProblem(pattern)]);
      survive(() => matchesRef(pattern.slice(0, 255), ref.slice(0, 255)));
    });
  });

  test('sets of fields and their managers', () => {
    const fields = hostileJson('f:spec', 'f:a', 'k:{"type":"Ready"}', 'k:{}', 'v:"x"', 'v:', 'i:0', '.', 'f:', 'f:__proto__', 'k:{"__proto__":1}');
    always(fields, (value) => {
      const set = survive(() => readFieldSet(value));
      if (set === undefined) return;
      expect(readFieldSet(JSON.parse(JSON.stringify(set)))).toEqual(set);
      survive(() => pathsOf(set));
    });
    const entries = hostileJson('manager', 'operation', 'Apply', 'Update', 'apiVersion', 'kradle.a5c.ai/v1alpha1', 'time', '2026-01-01T00:00:00Z', 'fieldsType', 'FieldsV1', 'fieldsV1', 'f:spec', 'subresource');
    always(entries, (value) => survive(() => readOwners(value)));
  });

  test('JSON patches and merge patches', () => {
    const operation = fc.record({
      op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), fc.string()),
      path: hostileText('/spec', '/metadata', '/a', '/-', '/0', '~0', '~1', '~', '/__proto__', '/constructor', '/prototype', '/4294967295').map((text) => text.slice(0, 200)),
      from: hostileText('/spec', '/a', '/0', '/__proto__').map((text) => text.slice(0, 200)),
      value: hostileJson('a', 'spec'),
    }, { requiredKeys: [] });
    always(fc.tuple(hostileJson('spec', 'a', '0'), fc.oneof(fc.array(operation, { maxLength: 20 }), hostileJson('op', 'path'))), ([document, operations]) => {
      const before = JSON.stringify(document);
      survive(() => JSON.stringify(applyJsonPatch(document, operations)));
      expect(JSON.stringify(document)).toBe(before);
    });
    always(fc.tuple(hostileJson('a', 'b'), hostileJson('a', 'b')), ([target, patch]) => survive(() => JSON.stringify(applyMergePatch(target, patch))));
  });
});

describe('whatever is sent to an object leaves an object:', () => {
  async function oneShelf(): Promise<ResourceClient> {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', { metadata: { name: 'a', labels: { a: 'b' } }, spec: { height: 2 } } as never);
    return resources;
  }
  const words = ['metadata', 'name', 'a', 'namespace', 'kradle-org-acme', 'labels', 'annotations', 'finalizers', 'ownerReferences', 'managedFields', 'spec', 'organizationRef', 'acme', 'height', 'material', 'oak', 'note', 'status', 'phase', 'kind', 'Shelf', 'apiVersion', 'kradle.a5c.ai/v1alpha1', 'uid', 'resourceVersion', 'generateName', 'creationTimestamp', 'deletionTimestamp'];

  /** Refused, or carried out so that what is stored can be read and is of its kind. */
  async function stays(resources: ResourceClient, change: () => Promise<unknown>): Promise<void> {
    try {
      await change();
    } catch (error) {
      if (!isStatusError(error) || error.code === 'INTERNAL_ERROR') throw error;
    }
    const { apiVersion, kind, metadata, spec } = await resources.get(Shelf, { org: 'acme', name: 'a' });
    expect({ apiVersion, kind, name: metadata.name, namespace: metadata.namespace, org: spec.organizationRef }).toEqual({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', name: 'a', namespace: 'kradle-org-acme', org: 'acme' });
    expect(Shelf.spec.safeParse(spec).success).toBe(true);
  }

  const where = fc.constantFrom(undefined, 'status' as const);
  /** Mostly an object of the kind, with some of it wrong. */
  const document = fc.oneof(hostileJson(...words), fc.record({ metadata: hostileJson(...words), spec: hostileJson(...words), status: hostileJson(...words) }, { requiredKeys: [] }));

  test('documents that are applied, with their managers', async () => {
    const resources = await oneShelf();
    await fc.assert(fc.asyncProperty(fc.tuple(document, fc.string({ maxLength: 10 })), fc.tuple(fc.boolean(), where), async ([object, fieldManager], [force, subresource]) => {
      await stays(resources, () => resources.patch(Shelf, { org: 'acme', name: 'a' }, { type: 'apply', object, force }, { fieldManager, ...(subresource && { subresource }) }));
    }), { numRuns: RUNS });
  });

  test('merge patches', async () => {
    const resources = await oneShelf();
    await fc.assert(fc.asyncProperty(document, where, async (patch, subresource) => {
      await stays(resources, () => resources.patch(Shelf, { org: 'acme', name: 'a' }, { type: 'merge', patch }, { fieldValidation: 'ignore', ...(subresource && { subresource }) }));
    }), { numRuns: RUNS });
  });

  test('JSON patches', async () => {
    const resources = await oneShelf();
    const pointer = fc.array(fc.constantFrom(...words, '0', '-', '__proto__'), { maxLength: 4 }).map((tokens) => tokens.map((token) => `/${token.replaceAll('/', '~1')}`).join(''));
    const operations = fc.array(fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy'), path: pointer, from: pointer, value: hostileJson(...words) }), { minLength: 1, maxLength: 3 });
    await fc.assert(fc.asyncProperty(operations, where, async (change, subresource) => {
      await stays(resources, () => resources.patch(Shelf, { org: 'acme', name: 'a' }, { type: 'json', operations: change }, { fieldValidation: 'ignore', ...(subresource && { subresource }) }));
    }), { numRuns: RUNS });
  });
});
