import type { ExternalInterface } from './externalFields';

/** What is known of a kind of provider before one is asked. Source: seeds, 004-external-backend-crds, "Provider type registry". */
export interface ProviderType {
  /** Value of a provider's `spec.providerType`. */
  readonly providerType: string;
  /** People's word. */
  readonly title: string;
  readonly interfaces: readonly ExternalInterface[];
  /** Ways in which it is run; the first is the usual one. */
  readonly hosting: readonly string[];
  readonly authModes: readonly string[];
  /** How it signs what it delivers; `none` when it cannot. */
  readonly webhookSignature: 'hmac-sha256' | 'shared-token' | 'jwt' | 'none';
  readonly supportsGraphql: boolean;
  readonly supportsRest: boolean;
  /** Where its API is when it is run by its maker. */
  readonly endpoint?: string;
}

/** The type for providers that are not in the table: it needs an adapter of its own. */
export const CUSTOM_PROVIDER_TYPE = 'custom';

/** Data, so that a provider is added in a line. Types: seeds, 004-external-backend-ui-spec, "Add provider wizard". */
export const PROVIDER_TYPES: readonly ProviderType[] = [
  { providerType: 'github', title: 'GitHub', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['saas', 'ghe'], authModes: ['github-app', 'oauth-user'], webhookSignature: 'hmac-sha256', supportsGraphql: true, supportsRest: true, endpoint: 'https://api.github.com' },
  { providerType: 'gitlab', title: 'GitLab', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['saas', 'self-managed'], authModes: ['access-token', 'oauth-user'], webhookSignature: 'shared-token', supportsGraphql: true, supportsRest: true, endpoint: 'https://gitlab.com/api/v4' },
  { providerType: 'bitbucket', title: 'Bitbucket', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['saas', 'self-managed'], authModes: ['access-token', 'oauth-user'], webhookSignature: 'hmac-sha256', supportsGraphql: false, supportsRest: true, endpoint: 'https://api.bitbucket.org/2.0' },
  { providerType: 'azure-devops', title: 'Azure DevOps', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['saas', 'self-managed'], authModes: ['access-token', 'oauth-user'], webhookSignature: 'shared-token', supportsGraphql: false, supportsRest: true, endpoint: 'https://dev.azure.com' },
  { providerType: 'gitea', title: 'Gitea', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['self-managed'], authModes: ['access-token', 'oauth-user'], webhookSignature: 'hmac-sha256', supportsGraphql: false, supportsRest: true },
  { providerType: 'jira', title: 'Jira', interfaces: ['issueTracking'], hosting: ['saas', 'self-managed'], authModes: ['access-token', 'oauth-user', 'connect-app'], webhookSignature: 'jwt', supportsGraphql: true, supportsRest: true },
  { providerType: 'linear', title: 'Linear', interfaces: ['issueTracking'], hosting: ['saas'], authModes: ['access-token', 'oauth-user'], webhookSignature: 'hmac-sha256', supportsGraphql: true, supportsRest: false, endpoint: 'https://api.linear.app/graphql' },
  { providerType: 'buildkite', title: 'Buildkite', interfaces: ['cicd'], hosting: ['saas'], authModes: ['access-token'], webhookSignature: 'hmac-sha256', supportsGraphql: true, supportsRest: true, endpoint: 'https://api.buildkite.com/v2' },
  { providerType: 'circleci', title: 'CircleCI', interfaces: ['cicd'], hosting: ['saas', 'self-managed'], authModes: ['access-token'], webhookSignature: 'hmac-sha256', supportsGraphql: false, supportsRest: true, endpoint: 'https://circleci.com/api/v2' },
  { providerType: 'jenkins', title: 'Jenkins', interfaces: ['cicd'], hosting: ['self-managed'], authModes: ['access-token'], webhookSignature: 'none', supportsGraphql: false, supportsRest: true },
  { providerType: CUSTOM_PROVIDER_TYPE, title: 'Custom', interfaces: ['issueTracking', 'cicd', 'gitForge'], hosting: ['saas', 'self-managed'], authModes: [], webhookSignature: 'none', supportsGraphql: false, supportsRest: true },
];

/** The type of that name; undefined when there is none. */
export function findProviderType(providerType: string): ProviderType | undefined {
  return PROVIDER_TYPES.find((each) => each.providerType === providerType);
}
