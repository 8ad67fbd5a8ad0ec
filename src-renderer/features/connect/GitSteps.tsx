import { useLiveList } from '../../api/liveList';
import type { ConnectFacts } from './connectFacts';
import { Step, Steps } from './Step';
import { TokenLink } from './TokenLink';

export function GitSteps({ origin, gitBaseUrl, org, tokenFile }: ConnectFacts) {
  const repositories = useLiveList('repositories', { org, sort: '-metadata.creationTimestamp', limit: 1 });
  const address = `${gitBaseUrl}/${org}/${repositories.items[0]?.metadata.name ?? 'REPOSITORY'}.git`;
  return (
    <Steps>
      <Step title="Clone a repository; each one's page has its address" code={`git clone ${address}`}>
        <p className="text-muted">git asks for a user name (any) and a password: <TokenLink>an access token</TokenLink>.</p>
      </Step>
      {tokenFile === undefined ? (
        <Step title="So that git asks once in eight hours" code={`git config --global credential.${origin}.helper "cache --timeout=28800"`} />
      ) : (
        <Step
          title="On the server's machine the administrator's token is in a file that only its user can read. So that git takes it from there"
          code={[
            `git config --global credential.${origin}.username kradle`,
            `git config --global credential.${origin}.helper '!f() { test "$1" = get && echo "password=$(cat ${quote(tokenFile)})"; }; f'`,
          ].join('\n')}
        />
      )}
      <Step title="Or push what you have to a new one" code={`kradle repo create shop --org ${org}\ngit push ${gitBaseUrl}/${org}/shop.git HEAD:main`} />
    </Steps>
  );
}

/** For a shell: quoted when it has anything but plain letters. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path.replace(/(["\\$`])/g, '\\$1')}"`;
}
