import * as acp from '@agentclientprotocol/sdk';

/** A session as the agent described it on session/new or session/load. */
export interface AcpSession {
  readonly sessionId: string;
  readonly configOptions?: acp.SessionConfigOption[] | null;
  /** How agents offered models before configuration options. */
  readonly models?: { readonly currentModelId?: string; readonly availableModels?: readonly { readonly modelId: string; readonly name?: string }[] } | null;
}

interface Choice {
  readonly value: string;
  readonly name: string;
}

/**
 * Asks for a model in whichever way the agent offers one. Answers a notice for people when it cannot be had; the agent then works
 * with the model it chose.
 */
export async function selectModel(agent: acp.ClientContext, session: AcpSession, model: string): Promise<string | undefined> {
  const option = session.configOptions?.find((each) => each.type === 'select' && (each.category === 'model' || each.id === 'model'));
  if (option?.type === 'select') {
    const choices = flatten(option.options);
    const choice = find(choices, model);
    if (choice === undefined) return notOffered(model, choices);
    if (choice.value !== option.currentValue) {
      await agent.request(acp.methods.agent.session.setConfigOption, { sessionId: session.sessionId, configId: option.id, value: choice.value });
    }
    return undefined;
  }
  const models = session.models?.availableModels ?? [];
  if (models.length === 0) return `The agent does not let clients choose a model; "${model}" was asked for and the agent uses its own setting.`;
  const choices = models.map(({ modelId, name }) => ({ value: modelId, name: name ?? modelId }));
  const choice = find(choices, model);
  if (choice === undefined) return notOffered(model, choices);
  if (choice.value !== session.models?.currentModelId) await agent.request('session/set_model', { sessionId: session.sessionId, modelId: choice.value });
  return undefined;
}

function flatten(options: acp.SessionConfigSelectOptions): Choice[] {
  return options.flatMap((entry) => ('options' in entry ? entry.options : [entry])).map(({ value, name }) => ({ value, name }));
}

function find(choices: readonly Choice[], model: string): Choice | undefined {
  const wanted = model.toLowerCase();
  return choices.find(({ value }) => value === model) ?? choices.find(({ value, name }) => value.toLowerCase() === wanted || name.toLowerCase() === wanted);
}

function notOffered(model: string, choices: readonly Choice[]): string {
  const names = choices.slice(0, 20).map(({ value }) => value).join(', ');
  return `The agent does not offer the model "${model}" and uses its own setting. It offers: ${names}${choices.length > 20 ? ', …' : ''}.`;
}
