import { describe, expect, it } from 'vitest';
import { pluralOf } from './names';

describe('pluralOf', () => {
  it.each([
    ['AgentStack', 'agentstacks'],
    ['AgentWorkspacePolicy', 'agentworkspacepolicies'],
    ['AgentGateway', 'agentgateways'],
    ['Box', 'boxes'],
    ['Branch', 'branches'],
    ['RunStatus', 'runstatuses'],
    ['SSHKey', 'sshkeys'],
  ])('%s becomes %s', (kind, plural) => expect(pluralOf(kind)).toBe(plural));
});
