import { Link } from '@tanstack/react-router';
import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/CodeBlock';
import { Card } from '../../ui/PageHeader';

/** How a terminal and git get in. */
export function CommandLineSettings() {
  const info = useInfo();
  const org = useOrg();
  if (info === undefined) return null;
  // The server's user is its administrator, and has the token in a file.
  const tokenFile = info.mode === 'local' && info.actor.name === LOCAL_ADMIN ? `${info.dataDir}/admin-token` : undefined;
  return (
    <div className="flex flex-col gap-4">
      <Card title="Command line">
        <p className="mb-2 text-muted">{tokenFile === undefined ? 'The command opens this console, where you let it in:' : 'On the server’s machine the command finds the server by itself. From another one it opens this console, where you let it in:'}</p>
        <CodeBlock language="bash" code={[`npx kradle login ${info.origin}`, `npx kradle list repositories --org ${org}`].join('\n')} />
      </Card>
      <Card title="git">
        <p className="mb-2 text-muted">git asks for a user name (any) and a password: an access token.</p>
        <CodeBlock language="bash" code={`git clone ${info.gitBaseUrl}/${org}/REPOSITORY.git`} />
        {tokenFile === undefined
          ? <p className="mt-3"><Button size="sm" asChild><Link to="/account/$section" params={{ section: 'tokens' }} search={{ new: '1' }}>Make a token</Link></Button></p>
          : (
              <>
                <p className="mt-3 mb-2 text-muted">On the server&apos;s machine the administrator&apos;s token is in a file that only its user can read. So that git takes it from there:</p>
                <CodeBlock
                  language="bash"
                  code={[
                    `git config --global credential.${info.origin}.username kradle`,
                    `git config --global credential.${info.origin}.helper '!f() { test "$1" = get && echo "password=$(cat ${quote(tokenFile)})"; }; f'`,
                  ].join('\n')}
                />
              </>
            )}
      </Card>
      <Card title="REST">
        <p className="mb-2 text-muted">Everything of this console is an API: <a href="/api/openapi.json" className="text-accent underline">OpenAPI description</a>.</p>
        <CodeBlock language="bash" code={`curl -H "Authorization: Bearer $KRADLE_TOKEN" ${info.origin}/api/orgs/${org}/repositories`} />
      </Card>
    </div>
  );
}

const LOCAL_ADMIN = 'admin';

/** For a shell: quoted when it has anything but plain letters. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path.replace(/(["\\$`])/g, '\\$1')}"`;
}
