/**
 * Which room may import which: docs/architecture.md, "Rooms", as data. A rule per arrow would say the same thing twenty times.
 *
 * A target is a path from the repository's root without extension; a folder covers what is under it. `type:` in front allows
 * `import type` only. A room may always import itself.
 */
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const storeTypes = ['type:src-server/store/store', 'type:src-server/store/eventLog', 'type:src-server/store/blobStore'];
const ground = ['shared', 'src-server/disk', 'src-server/app/log', 'src-server/app/clock', 'src-server/app/metrics', 'type:src-server/app/keyRing'];

/** First match wins, so the narrower room comes first. */
const ROOMS = [
  { room: 'shared/kind', may: ['shared/api/status'], packages: ['zod'] },
  { room: 'shared/kinds', may: ['shared/kind', 'shared/access/roles'], packages: ['zod'] },
  { room: 'shared', may: [], packages: ['zod'] },
  { room: 'src-server/disk', may: [], notPackages: ['better-sqlite3'] },
  { room: 'src-server/store', may: ground },
  { room: 'src-server/resources', may: [...ground, 'src-server/store'], notPackages: ['better-sqlite3'] },
  { room: 'src-server/runtime', may: [...ground, 'src-server/resources', ...storeTypes], notPackages: ['better-sqlite3'] },
  { room: 'src-server/http', may: [...ground, 'type:src-server/resources'], notPackages: ['better-sqlite3'] },
  { room: 'src-server/rpc', may: [...ground, 'type:src-server/resources', 'type:src-server/http'], notPackages: ['better-sqlite3'] },
  {
    room: 'src-server/domains',
    // A chain is checked outside the database, too: its rule is no store.
    may: [...ground, 'src-server/resources', 'src-server/runtime', 'src-server/rpc', 'src-server/http', 'src-server/store/chain', ...storeTypes],
    notPackages: ['better-sqlite3'],
    parts: true,
  },
  { room: 'src-server/api', may: [...ground, 'src-server/resources', 'src-server/rpc', 'src-server/http', ...storeTypes], notPackages: ['better-sqlite3'] },
  { room: 'src-server/runner', may: [...ground, 'src-server/domains/agents'], notPackages: ['better-sqlite3'] },
  { room: 'src-server/demo', may: ['shared'], notPackages: ['better-sqlite3'] },
  { room: 'src-server/app', may: ['shared', 'src-server'], notPackages: ['better-sqlite3'] },
  { room: 'src-server/cli', may: [...ground, 'src-server/app', 'src-server/runner', 'src-server/demo'], notPackages: ['better-sqlite3'] },
  { room: 'src-main', may: ['shared'], packages: ['electron'], node: true },
  { room: 'src-renderer', may: ['shared', 'type:src-server/app/appRouter'], node: false },
];

/** Nobody above imports these, whatever a room's own list says. */
const ENTRIES = ['src-server/cli'];

/** @type {import('eslint').Rule.RuleModule} */
export const layering = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      room: '{{from}} may not import {{to}}. Rooms: docs/architecture.md; the table: scripts/lint/layering.mjs.',
      typeOnly: '{{from}} may import only types of {{to}}: write "import type".',
      package: '{{from}} may not import the package "{{to}}".',
      part: 'Domains meet through resources, or by type through what is handed in: "import type" from {{to}}.',
    },
  },
  create(context) {
    const file = relative(root, context.filename).replaceAll('\\', '/');
    const room = ROOMS.find((each) => within(file, each.room));
    // A test stands beside its file and may reach for real parts of any room.
    if (room === undefined || /\.test\.tsx?$/.test(file)) return {};
    const check = (node, source, typeOnly) => {
      if (typeof source !== 'string') return;
      const target = resolveImport(file, source);
      if (target === undefined) {
        if (!allowsPackage(room, source)) context.report({ node, messageId: 'package', data: { from: room.room, to: source } });
        return;
      }
      if (within(target, room.room)) {
        if (room.parts === true && partOf(target, room.room) !== partOf(file, room.room) && !typeOnly) {
          context.report({ node, messageId: 'part', data: { to: target } });
        }
        return;
      }
      const allowed = room.may.find((each) => within(target, each.replace('type:', '')));
      const data = { from: room.room, to: target };
      if (allowed === undefined || ENTRIES.some((entry) => within(target, entry))) context.report({ node, messageId: 'room', data });
      else if (allowed.startsWith('type:') && !typeOnly) context.report({ node, messageId: 'typeOnly', data });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.importKind === 'type' || onlyInlineTypes(node.specifiers)),
      ExportNamedDeclaration: (node) => check(node, node.source?.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source.value, false),
      TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, true),
    };
  },
};

/**
 * Only `shared/kinds`, domains, features, the composition root and the CLI's named commands name a kind; the rest is generic, so
 * that a new kind touches one file and one line. The names come from the files of `shared/kinds`.
 *
 * @param {readonly string[]} kindNames
 * @returns {import('eslint').Rule.RuleModule}
 */
export function noKindNames(kindNames) {
  const names = new Set(kindNames);
  return {
    meta: {
      type: 'problem',
      schema: [],
      messages: {
        import: 'Generic code may not import a kind; take it from the registry, or move this to a domain or a feature.',
        literal: 'Generic code may not name the kind "{{name}}"; ask the kind\'s declaration instead.',
      },
    },
    create: (context) => ({
      ImportDeclaration(node) {
        if (/shared\/kinds\/(?!index$)/.test(String(node.source.value))) context.report({ node, messageId: 'import' });
      },
      Literal(node) {
        if (typeof node.value === 'string' && names.has(node.value)) context.report({ node, messageId: 'literal', data: { name: node.value } });
      },
    }),
  };
}

function within(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}

/** `src-server/domains/forge/git/x` -> `forge`. */
function partOf(path, room) {
  return path.slice(room.length + 1).split('/')[0];
}

function onlyInlineTypes(specifiers) {
  return specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === 'type');
}

/** Path from the root without extension; undefined for a package or a Node module. The manifest (for the version) is anyone's. */
function resolveImport(file, source) {
  if (source.endsWith('/package.json')) return 'shared';
  if (source.startsWith('#shared/')) return `shared/${source.slice('#shared/'.length)}`;
  if (!source.startsWith('.')) return undefined;
  return relative(root, resolve(root, dirname(file), source)).replaceAll('\\', '/').replace(/\.(tsx?|m?js)$/, '');
}

function allowsPackage(room, source) {
  const isNode = source.startsWith('node:');
  if (room.node === false || room.room.startsWith('shared')) {
    if (isNode) return false;
  } else if (isNode) {
    return true;
  }
  const name = source.startsWith('@') ? source.split('/').slice(0, 2).join('/') : source.split('/')[0];
  if (name === 'electron') return room.room === 'src-main';
  if (room.packages !== undefined) return room.packages.includes(name);
  return !(room.notPackages ?? []).includes(name);
}
