import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '#shared/api/audit';
import { sentenceOf } from './auditWords';

const record = (spec: object): AuditRecord => ({ spec: { actor: { kind: 'User', name: 'ada' }, type: 'Type', ...spec } }) as AuditRecord;

describe('sentenceOf', () => {
  it.each([
    [{ action: 'merge', target: { kind: 'PullRequest', name: 'shop-12' } }, 'ada merged PullRequest shop-12'],
    [{ action: 'apply', target: { kind: 'Team', name: 'core' } }, 'ada applied Team core'],
    [{ action: 'read-transcript', target: { kind: 'AgentDispatchRun', name: 'run-1' } }, 'ada read the transcript of AgentDispatchRun run-1'],
    [{ action: 'read-audit', target: { kind: 'AuditEvent' } }, 'ada read the log'],
    [{ action: 'delete', target: { kind: 'Repository', name: 'shop' }, decision: { outcome: 'denied' } }, 'ada was refused: delete Repository shop'],
    [{ target: { kind: 'Thing', name: 'x' } }, 'ada Type Thing x'],
  ])('says %j', (spec, sentence) => {
    expect(sentenceOf(record(spec))).toBe(sentence);
  });
});
