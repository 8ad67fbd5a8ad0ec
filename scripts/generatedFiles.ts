import { stringify } from 'yaml';
import { permissionsGuide } from '../shared/access/permissionsGuide';
import { kindCrd } from '../shared/kind/crd';
import type { AnyKind } from '../shared/kind/defineKind';
import { kindMarkdown, kindPageName } from '../shared/kind/docs';
import { kindsIndexMarkdown } from '../shared/kind/docsIndex';
import { foreignKinds } from '../shared/kinds/foreignKinds';
import { allKinds } from '../shared/kinds/index';
import { cliReference } from '../src-server/cli/cliReference';
import { createProgram } from '../src-server/cli/program';
import { processTerminal } from '../src-server/cli/terminal';

/** Folders in which every file is generated: what is not, is stale. */
export const GENERATED_FOLDERS = ['deploy/chart/crds', 'docs/reference/kinds'] as const;

/** Every generated file: its path from the root, and what belongs into it. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...allKinds.map((kind) => [`deploy/chart/crds/${kind.names.plural}.yaml`, definition(kind)] as const),
    ...allKinds.map((kind) => [`docs/reference/kinds/${kindPageName(kind)}`, kindMarkdown(kind, { kinds: allKinds, yaml })] as const),
    ['docs/reference/kinds/README.md', kindsIndexMarkdown(allKinds, foreignKinds)],
    ['docs/guides/permissions.md', permissionsGuide()],
    ['docs/reference/cli.md', cliReference(createProgram({ terminal: processTerminal({}), env: {} }).program)],
  ]);
}

function definition(kind: AnyKind): string {
  return `# Written by "npm run generate" from the kind's declaration; do not edit.\n${yaml(kindCrd(kind))}`;
}

/** Without line breaks in texts, and without anchors for what occurs twice. */
function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
