import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { isTerminalRunPhase, RUN_TRANSITIONS, runPhase, type RunPhase } from '#shared/kinds/agents/agentDispatchRun';
import { DEFAULT_STALL_MS, HEARTBEAT_LOST_MS, runningWait } from './runReason';
import { durationText, enterPhase, setWait, type RunStatus } from './runState';

const phases = runPhase.options;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('enterPhase', () => {
  it('follows RUN_TRANSITIONS whatever is tried, never leaves an end, and stamps each phase once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...phases), { maxLength: 12 }), (tries) => {
        const status: RunStatus = {};
        let phase: RunPhase = 'Pending';
        tries.forEach((to, second) => {
          const before = structuredClone(status);
          const allowed = RUN_TRANSITIONS[phase].includes(to);
          try {
            enterPhase(status, to, at(second));
            expect(allowed).toBe(true);
            phase = to;
          } catch (error) {
            expect(isStatusError(error, 'Conflict')).toBe(true);
            expect(allowed).toBe(false);
            expect(status).toEqual(before);
          }
          expect(status.phase ?? 'Pending').toBe(phase);
        });
        if (isTerminalRunPhase(phase)) expect(status.completedAt ?? status.failedAt).toBeDefined();
        if (status.startedAt !== undefined && isTerminalRunPhase(phase)) expect(status.durationMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('takes the reason of a wait away, and leaves the reason of an end', () => {
    const status: RunStatus = { phase: 'Queued' };
    setWait(status, 'WorkspacePreparing', 'soon');
    enterPhase(status, 'Running', at(1));
    expect(status).toEqual({ phase: 'Running', startedAt: at(1), lastActivityAt: at(1) });
    status.reason = 'AgentExited';
    enterPhase(status, 'Failed', at(63));
    expect(status).toMatchObject({ reason: 'AgentExited', failedAt: at(63), durationMs: 62_000, duration: '1m 2s' });
  });
});

describe('runningWait', () => {
  const nowMs = Date.parse(at(50));
  const wait = (status: RunStatus, later = 0) => runningWait({ status: { startedAt: at(0), runner: { heartbeatAt: new Date(nowMs + later).toISOString() }, lastActivityAt: at(50), ...status }, nowMs: nowMs + later, stallAfterMs: DEFAULT_STALL_MS })?.reason;

  it('has one reason: a question before silence, silence before a stall', () => {
    expect(wait({})).toBeUndefined();
    expect(wait({ reason: 'AgentStarting' })).toBe('AgentStarting');
    expect(wait({}, DEFAULT_STALL_MS + 1)).toBe('Stalled');
    expect(wait({ pendingApprovals: ['a'] }, DEFAULT_STALL_MS + 1)).toBe('PermissionRequested');
    expect(wait({ runner: { heartbeatAt: at(0) } }, HEARTBEAT_LOST_MS)).toBe('RunnerUnreachable');
  });

  it('clears itself with the fact it came from', () => {
    expect(wait({ reason: 'Stalled', message: 'x' })).toBeUndefined();
    expect(wait({ reason: 'RunnerUnreachable', message: 'x' })).toBeUndefined();
  });
});

describe('durations', () => {
  it('are written for people', () => {
    expect([0, 12_400, 200_000, 3_840_000].map(durationText)).toEqual(['0s', '12s', '3m 20s', '1h 4m']);
  });
});
