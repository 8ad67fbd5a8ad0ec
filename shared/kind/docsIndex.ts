import { CONTEXT_TITLES } from './contextTitles';
import { CRD_LIMITS } from './crdLimits';
import { kindPageName } from './docs';
import { markdownTable } from './markdownTable';
import { API_VERSION } from './objectMeta';
import type { AnyKind, KindContext } from './defineKind';
import type { ForeignKind } from './foreignKind';

/** The page that leads to the pages of all kinds, in Markdown. */
export function kindsIndexMarkdown(kinds: readonly AnyKind[], foreign: readonly ForeignKind[]): string {
  const sections = [
    '# Kinds',
    '<!-- Written by "npm run generate" from the declarations of the kinds; do not edit. -->',
    `The ${kinds.length} kinds of \`${API_VERSION}\`, by what they are about. \`kradle kinds\` lists them at the command line, and \`kradle kinds KIND\` explains one.`,
    ...Object.entries(CONTEXT_TITLES).flatMap(([context, title]) => contextSections(kinds, context as KindContext, title)),
    '## Foreign kinds',
    'Kinds of other makers. A cluster keeps them, so they belong to cluster mode: a server without a cluster says so when it is asked for one.',
    markdownTable(['Kind', 'In the cluster', 'Group', 'Scope', 'Purpose'], foreign.map((kind) => [
      kind.kind,
      `${kind.clusterKind ?? kind.kind}, \`${kind.plural}\``,
      kind.group === '' ? 'core' : `\`${kind.group}\``,
      kind.namespace === undefined ? kind.scope.toLowerCase() : `namespace \`${kind.namespace}\``,
      kind.purpose,
    ])),
    '## What a CRD cannot say',
    'The definitions in `deploy/chart/crds` make an API server take what Kradle takes and refuse what it refuses, with these exceptions:',
    markdownTable(['', 'An API server with the CRD', 'Kradle'], CRD_LIMITS.map(({ what, there, here }) => [what, there, here])),
  ];
  return `${sections.join('\n\n')}\n`;
}

function contextSections(kinds: readonly AnyKind[], context: KindContext, title: string): string[] {
  const members = kinds.filter((kind) => kind.context === context);
  if (members.length === 0) return [];
  const rows = members.map((kind) => [
    `[${kind.names.kind}](${kindPageName(kind)})`,
    `\`${kind.names.plural}\``,
    (kind.names.shortNames ?? []).map((name) => `\`${name}\``).join(', '),
    kind.storage === 'config' ? 'configuration' : 'aggregated',
    kind.purpose,
  ]);
  return [`## ${title}`, markdownTable(['Kind', 'Plural', 'Short names', 'Stored as', 'Purpose'], rows)];
}
