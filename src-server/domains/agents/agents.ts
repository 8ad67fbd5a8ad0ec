import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { z } from 'zod';
import type { cancelRunInput, decideInput, dispatchInput } from '#shared/api/agents';
import type { Endpoint } from '../../http/endpoint';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AnyStrategy } from '../../resources/strategy';
import type { Controller, Runnable } from '../../runtime/controller';
import { namedController } from '../../runtime/namedController';
import { createAdapterController } from './adapterController';
import { createAdapterStrategy } from './adapterStrategy';
import type { AgentsContext, AgentsDeps } from './agentsContext';
import { createAgentsRouter } from './agentsRouter';
import { createArtifactEndpoint } from './artifacts';
import { createAuthorStrategies } from './authorStrategies';
import { createCallbackEndpoint } from './callbackEndpoint';
import { decideApproval } from './decideApproval';
import { createDemoRouter } from './demo/demoRouter';
import { createRunEventStreamEndpoint, followRunEvents, type FollowRunOptions } from './followRun';
import { RunBells } from './runBells';
import { createRunController, forgetRun } from './runController';
import { createRunnerEndpoints } from './runnerEndpoints';
import { createRunStrategy } from './runStrategy';
import { cancelRun, dispatchRun } from './runVerbs';
import { createGrantController } from './grants/grantController';
import { createPermissionsRouter } from './permissionsRouter';
import { createPhaseController } from './phaseController';
import { createStackStrategy } from './stackDefaults';
import { createStackController } from './stackController';
import { createWorkspaceController, createWorkspacePoolController } from './workspaceController';
import { createWriteBackController } from './writeBackController';

export type Agents = ReturnType<typeof createAgents>;

/** The run engine, as the composition root joins it with everything else. */
export function createAgents(deps: AgentsDeps) {
  const { resources, ...rest } = deps;
  const ctx: AgentsContext = {
    ...rest,
    bells: new RunBells(),
    get resources() {
      return resources();
    },
  };
  const endpoints: Endpoint[] = [...createRunnerEndpoints(ctx), createCallbackEndpoint(ctx), createArtifactEndpoint(ctx), createRunEventStreamEndpoint(ctx)];
  const controllers: Controller[] = [
    namedController(ctx, createRunController),
    namedController(ctx, createWriteBackController),
    namedController(ctx, createWorkspaceController),
    namedController(ctx, createWorkspacePoolController),
    namedController(ctx, createAdapterController),
    namedController(ctx, createStackController),
    namedController(ctx, (own) => createGrantController(own, AgentSecretGrant)),
    namedController(ctx, (own) => createGrantController(own, AgentConfigGrant)),
    namedController(ctx, (own) => createPhaseController(own, { kind: AgentToolProfile, phase: 'Ready' })),
    namedController(ctx, (own) => createPhaseController(own, { kind: KradleWorkspacePolicy, phase: 'Active' })),
  ];
  const strategies: AnyStrategy[] = [createRunStrategy(deps.forge), createAdapterStrategy(), createStackStrategy(), ...createAuthorStrategies()];
  const runnables: Runnable[] = [];
  return {
    router: { agents: createAgentsRouter(ctx), demo: createDemoRouter(ctx), permissions: createPermissionsRouter(ctx) },
    endpoints,
    controllers,
    strategies,
    runnables,
    /** What other domains may call. `resources` is bound to who asks. */
    verbs: {
      dispatch: (resources: ResourceClient, input: z.output<typeof dispatchInput>) => dispatchRun(ctx, resources, input),
      cancel: (resources: ResourceClient, input: z.output<typeof cancelRunInput>) => cancelRun(ctx, resources, input),
      /** Ends what works for a run, and drops its event stream; see {@link forgetRun}. */
      forget: (run: { org: string; name: string }) => forgetRun(ctx, run),
      followRunEvents: (resources: ResourceClient, opts: FollowRunOptions) => followRunEvents(ctx.eventLog, resources, opts),
      decide: (resources: ResourceClient, input: z.output<typeof decideInput>) => decideApproval(ctx, resources, input),
    },
  };
}
