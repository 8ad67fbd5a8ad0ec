import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** An adapter that is to be started says how. */
export function createAdapterStrategy(): AnyStrategy {
  return defineStrategy({
    kind: AgentAdapter,
    validate({ spec }) {
      const startable = spec.adapterType === 'acp' || spec.adapterType === 'command';
      if (startable && spec.transport === 'stdio' && spec.command === undefined) {
        return [{ code: 'FieldValueRequired', field: 'spec.command', message: 'is the program and its arguments, such as ["opencode", "acp"]' }];
      }
      const own = Object.keys(spec.env ?? {}).filter((name) => /^KRA(DL|T)E_/i.test(name));
      return own.map((name) => ({ code: 'FieldValueForbidden', field: `spec.env.${name}`, message: 'names of Kradle\'s own variables never reach an agent' }));
    },
  });
}
