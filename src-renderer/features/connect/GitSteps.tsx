import { Link } from '@tanstack/react-router';
import { sshCloneUrl } from '#shared/api/sshCloneUrl';
import { useLiveList } from '../../api/liveList';
import { useRpc } from '../../api/rpc';
import type { ConnectFacts } from './connectFacts';
import { Step, Steps } from './Step';
import { TokenLink } from './TokenLink';

export function GitSteps({ origin, gitBaseUrl, org, tokenFile }: ConnectFacts) {
  const repositories = useLiveList('repositories', { org, sort: '-metadata.creationTimestamp', limit: 1 });
  const repository = repositories.items[0]?.metadata.name ?? 'REPOSITORY';
  const address = `${gitBaseUrl}/${org}/${repository}.git`;
  const ssh = useRpc('sshKeys.server', {}).data;
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
      {ssh?.address !== undefined && (
        <Step title="Or over SSH, with a key instead of a password" code={`kradle ssh-key add\ngit clone ${sshCloneUrl(ssh.address, org, repository)}`}>
          <p className="text-muted">
            Keys are on <Link to="/account/$section" params={{ section: 'ssh-keys' }} className="text-accent underline">your account&apos;s page</Link>. At the first connection ssh asks about the server&apos;s key; it is one of these:
          </p>
          <ul className="text-xs text-subtle">{ssh.hostKeys.map(({ type, fingerprint }) => <li key={type}><code className="font-mono wrap-anywhere">{fingerprint}</code> ({type})</li>)}</ul>
        </Step>
      )}
      <Step title="Or push what you have to a new one" code={`kradle repo create shop --org ${org}\ngit push ${gitBaseUrl}/${org}/shop.git HEAD:main`} />
    </Steps>
  );
}

/** For a shell: quoted when it has anything but plain letters. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path.replace(/(["\\$`])/g, '\\$1')}"`;
}
