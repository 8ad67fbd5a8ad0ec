import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

interface Document {
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const GROUP = '/apis/kradle.a5c.ai/v1alpha1';
const documents = parseAllDocuments(readFileSync(new URL('../../fixtures/documents/resourceContractExamples.yaml', import.meta.url), 'utf8')).map((document) => document.toJS() as Document);

/** The kind that is written, read and listed: one that no controller works on, as none does at the peer. */
export const BENCH_KIND = { kind: 'AgentContextLabel', plural: 'agentcontextlabels' };
/** Kinds of an organization at work. */
export const MIXED_KINDS = [BENCH_KIND, { kind: 'AgentSkill', plural: 'agentskills' }, { kind: 'AgentToolProfile', plural: 'agenttoolprofiles' }, { kind: 'AgentMcpServer', plural: 'agentmcpservers' }];

export function namespaceOf(org: string): string {
  return `kradle-org-${org}`;
}

/** Where the objects of a kind are on the Kubernetes door. */
export function collectionPath(org: string, plural = BENCH_KIND.plural): string {
  return `${GROUP}/namespaces/${namespaceOf(org)}/${plural}`;
}

/** The contract's own example under another name. */
export function benchObject(org: string, name: string, kind = BENCH_KIND.kind): { metadata: { name: string }; spec: Record<string, unknown> } & Record<string, unknown> {
  const example = documents.find((document) => document.kind === kind);
  if (example === undefined) throw new Error(`the examples have no ${kind}`);
  return {
    apiVersion: 'kradle.a5c.ai/v1alpha1',
    kind,
    metadata: { name, namespace: namespaceOf(org), labels: { 'app.kubernetes.io/part-of': 'bench', team: 'tools' }, annotations: { 'kradle.a5c.ai/note': 'Made by a measurement, to be thrown away.' } } as { name: string },
    spec: { organizationRef: org, ...example.spec },
  };
}
