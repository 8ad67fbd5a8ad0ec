import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT_ENV_ALLOW_LIST } from '#shared/api/agents';
import { agentEnvironment } from './agentEnvironment';

describe('agentEnvironment', () => {
  it('takes the allow-list, what the adapter names and sets, and what was granted, the later winning', () => {
    const source = { PATH: '/bin', HOME: '/home/una', AWS_SECRET_ACCESS_KEY: 'x', LANG: undefined, WANTED: 'yes' };
    expect(agentEnvironment(source, { inherit: ['WANTED', 'ABSENT'], set: { PATH: '/opt', KEY: 'a' }, granted: { KEY: 'b' } })).toEqual({ PATH: '/opt', HOME: '/home/una', WANTED: 'yes', KEY: 'b' });
  });

  it('never holds a variable of Kradle\'s, whoever asks for it, nor any that nobody named', () => {
    const name = fc.oneof(fc.constantFrom('KRADLE_RUNNER_TOKEN', 'kradle_token', 'KRATE_X', 'Kradle_Secret', 'PATH', 'GITHUB_TOKEN'), fc.stringMatching(/^[A-Z_]{1,8}$/));
    const variables = fc.dictionary(name, fc.string());
    fc.assert(
      fc.property(variables, fc.array(name), fc.tuple(variables, variables), (source, inherit, [set, granted]) => {
        const names = Object.keys(agentEnvironment(source, { inherit, set, granted }));
        expect(names.filter((each) => /^kra(dl|t)e_/i.test(each))).toEqual([]);
        const known = new Set<string>([...AGENT_ENV_ALLOW_LIST, ...inherit, ...Object.keys(set), ...Object.keys(granted)]);
        expect(names.filter((each) => !known.has(each))).toEqual([]);
      }),
    );
  });
});
