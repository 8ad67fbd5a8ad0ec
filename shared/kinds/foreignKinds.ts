import type { ForeignKind } from '../kind/foreignKind';
import { PLATFORM_NAMESPACE } from '../kind/objectMeta';

const OAM = { group: 'core.oam.dev', scope: 'Namespaced', storage: 'kubevela', context: 'delivery' } as const;
/** KubeVela's definitions are shared by everybody. */
const VELA_SYSTEM = { ...OAM, namespace: 'vela-system' } as const;
const KYVERNO = { storage: 'kyverno', context: 'policy' } as const;
const KYVERNO_POLICIES = { ...KYVERNO, group: 'policies.kyverno.io', scope: 'Cluster' } as const;
const REPORTS = { group: 'wgpolicyk8s.io', storage: 'kyverno-reports', context: 'policy' } as const;
const CORE = { group: '', scope: 'Namespaced', storage: 'core', context: 'identity' } as const;

/** The registration list of foreign kinds. Source: seeds, 003 section 5, "Complete KRADLE_RESOURCES Array" and KYVERNO_RESOURCES. */
export const foreignKinds: readonly ForeignKind[] = [
  { ...OAM, kind: 'KubeVelaApplication', clusterKind: 'Application', plural: 'applications', title: 'Applications', purpose: 'What is delivered: components, their traits, policies and workflow' },
  { ...OAM, kind: 'KubeVelaApplicationRevision', clusterKind: 'ApplicationRevision', plural: 'applicationrevisions', title: 'Application revisions', purpose: 'An application as it was delivered once' },
  { ...VELA_SYSTEM, kind: 'KubeVelaComponentDefinition', clusterKind: 'ComponentDefinition', plural: 'componentdefinitions', title: 'Component definitions', purpose: 'Type of component that applications may use' },
  { ...VELA_SYSTEM, kind: 'KubeVelaWorkloadDefinition', clusterKind: 'WorkloadDefinition', plural: 'workloaddefinitions', title: 'Workload definitions', purpose: 'Type of workload that components are made of' },
  { ...VELA_SYSTEM, kind: 'KubeVelaTraitDefinition', clusterKind: 'TraitDefinition', plural: 'traitdefinitions', title: 'Trait definitions', purpose: 'Type of trait that components may have' },
  { ...VELA_SYSTEM, kind: 'KubeVelaScopeDefinition', clusterKind: 'ScopeDefinition', plural: 'scopedefinitions', title: 'Scope definitions', purpose: 'Type of scope that groups components' },
  { ...VELA_SYSTEM, kind: 'KubeVelaPolicyDefinition', clusterKind: 'PolicyDefinition', plural: 'policydefinitions', title: 'Policy definitions', purpose: 'Type of policy that applications may have' },
  { ...OAM, kind: 'KubeVelaPolicy', clusterKind: 'Policy', plural: 'policies', title: 'Delivery policies', purpose: 'Policy that several applications share' },
  { ...VELA_SYSTEM, kind: 'KubeVelaWorkflowStepDefinition', clusterKind: 'WorkflowStepDefinition', plural: 'workflowstepdefinitions', title: 'Workflow step definitions', purpose: 'Type of step that workflows may have' },
  { ...OAM, kind: 'KubeVelaWorkflow', clusterKind: 'Workflow', plural: 'workflows', title: 'Delivery workflows', purpose: 'Workflow that several applications share' },
  { ...OAM, scope: 'Cluster', kind: 'KubeVelaResourceTracker', clusterKind: 'ResourceTracker', plural: 'resourcetrackers', title: 'Resource trackers', purpose: 'Record of what an application put into the cluster' },

  { ...KYVERNO, group: 'kyverno.io', scope: 'Namespaced', namespace: PLATFORM_NAMESPACE, kind: 'KyvernoPolicy', clusterKind: 'Policy', plural: 'policies', title: 'Kyverno policies', purpose: 'Policy over the objects of one namespace' },
  { ...KYVERNO, group: 'kyverno.io', scope: 'Cluster', kind: 'KyvernoClusterPolicy', clusterKind: 'ClusterPolicy', plural: 'clusterpolicies', title: 'Kyverno cluster policies', purpose: 'Policy over the objects of the whole cluster' },
  { ...KYVERNO_POLICIES, kind: 'KyvernoValidatingPolicy', clusterKind: 'ValidatingPolicy', plural: 'validatingpolicies', title: 'Validating policies', purpose: 'Policy that refuses or reports objects' },
  { ...KYVERNO_POLICIES, kind: 'KyvernoMutatingPolicy', clusterKind: 'MutatingPolicy', plural: 'mutatingpolicies', title: 'Mutating policies', purpose: 'Policy that changes objects on their way in' },
  { ...KYVERNO_POLICIES, kind: 'KyvernoGeneratingPolicy', clusterKind: 'GeneratingPolicy', plural: 'generatingpolicies', title: 'Generating policies', purpose: 'Policy that makes objects when others appear' },
  { ...KYVERNO_POLICIES, kind: 'KyvernoDeletingPolicy', clusterKind: 'DeletingPolicy', plural: 'deletingpolicies', title: 'Deleting policies', purpose: 'Policy that deletes objects on a schedule' },
  { ...KYVERNO_POLICIES, kind: 'KyvernoImageValidatingPolicy', clusterKind: 'ImageValidatingPolicy', plural: 'imagevalidatingpolicies', title: 'Image policies', purpose: 'Policy that verifies the signatures of images' },
  { ...KYVERNO_POLICIES, scope: 'Namespaced', namespace: PLATFORM_NAMESPACE, kind: 'KyvernoPolicyException', clusterKind: 'PolicyException', plural: 'policyexceptions', title: 'Policy exceptions', purpose: 'Objects that a policy lets pass' },
  { ...REPORTS, scope: 'Namespaced', kind: 'PolicyReport', plural: 'policyreports', title: 'Policy reports', purpose: 'What policies found in one namespace' },
  { ...REPORTS, scope: 'Cluster', kind: 'ClusterPolicyReport', plural: 'clusterpolicyreports', title: 'Cluster policy reports', purpose: 'What policies found in the whole cluster' },

  { ...CORE, kind: 'Secret', plural: 'secrets', title: 'Secrets', purpose: 'Values that nobody may read who need not' },
  { ...CORE, kind: 'ConfigMap', plural: 'configmaps', title: 'Config maps', purpose: 'Settings that are no secret' },
];
