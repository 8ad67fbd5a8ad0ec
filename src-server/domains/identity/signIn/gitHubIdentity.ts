import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { SafeFetch } from '../../../http/safeFetch';
import type { ProviderIdentity } from '../accounts/accounts';
import type { Provider } from './signInProviders';

const user = z.object({ id: z.number().int(), login: z.string().min(1), name: z.string().nullish() });
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const teams = z.array(z.object({ slug: z.string(), organization: z.object({ login: z.string() }) }));

/** Who an access token of GitHub belongs to. Only an address that GitHub has verified counts; groups are `organization/team`. */
export async function readGitHubIdentity(provider: Provider, { accessToken, userUrl, fetch }: { accessToken: string; userUrl: string; fetch: SafeFetch }): Promise<ProviderIdentity> {
  const ask = async <TSchema extends z.ZodType>(url: string, schema: TSchema): Promise<z.output<TSchema>> => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }, timeoutMs: 10_000 });
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !parsed.success) throw new StatusError('ServiceUnavailable', `GitHub answered ${response.status} to ${new URL(url).pathname}.`, { code: 'PROVIDER_UNAVAILABLE' });
    return parsed.data;
  };
  const { id, login, name } = await ask(userUrl, user);
  const primary = (await ask(`${userUrl}/emails?per_page=100`, emails)).find((each) => each.primary && each.verified);
  const groups = provider.spec.adminGroups === undefined ? undefined : await ask(`${userUrl}/teams?per_page=100`, teams);
  return {
    provider: provider.name, subject: String(id), login,
    ...(name === null || name === undefined || name === '' ? {} : { displayName: name }),
    ...(primary === undefined ? {} : { email: primary.email, emailVerified: true }),
    // A team's members are its organization's, too.
    ...(groups === undefined ? {} : { groups: [...new Set(groups.flatMap(({ slug, organization }) => [organization.login, `${organization.login}/${slug}`]))] }),
  };
}
