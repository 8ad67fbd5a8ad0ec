import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { allowOption, chooseOption, policyVerdict, rejectOption, type PermissionOption } from './permissionChoice';

const option = (kind: string, optionId = kind): PermissionOption => ({ optionId, name: optionId, kind });
const anyOptions = fc.uniqueArray(fc.record({ optionId: fc.string({ minLength: 1, maxLength: 4 }), name: fc.string(), kind: fc.constantFrom('allow_once', 'allow_always', 'reject_once', 'reject_always', 'odd') }), { selector: ({ optionId }) => optionId });

describe('chooseOption', () => {
  it('never turns a no into a yes or a yes into a no, and only answers what the agent offers', () => {
    fc.assert(
      fc.property(anyOptions, fc.constantFrom('approve' as const, 'deny' as const), fc.option(fc.string({ maxLength: 4 }), { nil: undefined }), (options, decision, optionId) => {
        try {
          const chosen = chooseOption(options, decision, optionId);
          if (chosen === undefined) {
            expect(decision).toBe('deny');
            expect(options.some(({ kind }) => kind.startsWith('reject'))).toBe(false);
          } else {
            expect(options).toContain(chosen);
            expect(chosen.kind.startsWith('allow')).toBe(decision === 'approve');
            if (optionId !== undefined) expect(chosen.optionId).toBe(optionId);
            else if (decision === 'approve') expect(options.filter(({ kind }) => kind === 'allow_once')).toEqual([chosen]);
          }
        } catch (error) {
          expect(isStatusError(error, 'Invalid')).toBe(true);
        }
      }),
    );
  });

  it('prefers once over always for what policy decides', () => {
    const options = [option('reject_always'), option('allow_always'), option('allow_once'), option('reject_once')];
    expect(allowOption(options)?.kind).toBe('allow_once');
    expect(rejectOption(options)?.kind).toBe('reject_once');
    expect(allowOption([option('proceed')])).toBeUndefined();
  });
});

describe('policyVerdict', () => {
  const verdict = (toolCall: object, rules: Record<string, string> = {}, approvalMode: 'yolo' | 'prompt' | 'deny' = 'prompt') =>
    policyVerdict({ approvalMode, profile: { approvalPolicyByTool: rules }, toolCall: toolCall as Record<string, unknown>, workspacePath: '/work/tree' });

  it('lets the profile rule before the mode, by tool kind or by the seeds\' groups', () => {
    expect(verdict({ kind: 'execute' }, { shell: 'deny' }, 'yolo')).toBe('deny');
    expect(verdict({ kind: 'execute' }, { shell: 'prompt-on-denied-or-privileged' }, 'yolo')).toBe('prompt');
    expect(verdict({ kind: 'fetch' }, { network: 'prompt' }, 'yolo')).toBe('prompt');
    expect(verdict({ kind: 'read' }, { read: 'allow' })).toBe('allow');
    expect(verdict({ kind: 'other' }, {}, 'yolo')).toBe('allow');
    expect(verdict({}, {}, 'deny')).toBe('deny');
  });

  it('allows the workspace only for calls that say where they work, all of it inside', () => {
    const rules = { filesystem: 'allow-workspace' };
    expect(verdict({ kind: 'edit', locations: [{ path: '/work/tree/a' }] }, rules)).toBe('allow');
    expect(verdict({ kind: 'edit', locations: [{ path: 'src/a' }] }, rules)).toBe('allow');
    for (const path of ['/work/tree2/a', '/work/tree/../../etc/passwd', '../a', '/etc/passwd', 'C:\\a', 7]) expect(verdict({ kind: 'edit', locations: [{ path }] }, rules)).toBe('prompt');
    expect(verdict({ kind: 'edit', locations: [{ path: '/work/tree/a' }, { path: '/etc/passwd' }] }, rules)).toBe('prompt');
    expect(verdict({ kind: 'edit' }, rules)).toBe('prompt');
  });
});
