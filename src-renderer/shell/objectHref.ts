/** Address of the page that shows an object best: its own page where it has one, else the generic one. `kind` is a kind name or a plural. */
export function objectHref(org: string, kind: string, name: string): string {
  const base = `/o/${encodeURIComponent(org)}`;
  const segment = encodeURIComponent(name);
  switch (kind) {
    case 'repositories':
    case 'Repository':
      return `${base}/repositories/${segment}`;
    case 'pullrequests':
    case 'PullRequest':
      return `${base}/pulls/${segment}`;
    case 'agentdispatchruns':
    case 'AgentDispatchRun':
      return `${base}/runs/${segment}`;
    case 'agentstacks':
    case 'AgentStack':
      return `${base}/agents/${segment}`;
    default:
      return resourceHref(org, kind, name);
  }
}

/** Address of an object's generic page: overview, YAML, events. The page takes kind names too. */
export function resourceHref(org: string, kind: string, name: string): string {
  return `/o/${encodeURIComponent(org)}/resources/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
}
