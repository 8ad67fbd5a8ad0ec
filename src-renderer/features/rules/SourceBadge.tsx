import type { HookEntry } from '#shared/api/pushPolicies';
import { Badge } from '../../ui/Badge';

/** Whose a rule is. */
export function SourceBadge({ source }: { source: HookEntry['source'] }) {
  if (source === 'organization') return <Badge tone="accent" title="It holds in every repository of the organization">organization</Badge>;
  return source === 'repository' ? <Badge title="It holds in this repository">this repository</Badge> : <Badge title="Kradle's own: it holds everywhere">built in</Badge>;
}
