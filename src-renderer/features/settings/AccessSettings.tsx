import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { CodeBlock } from '../../ui/CodeBlock';
import { Card } from '../../ui/PageHeader';

/** How a terminal and git get in. */
export function AccessSettings() {
  const info = useInfo();
  const org = useOrg();
  if (info === undefined) return null;
  const tokenFile = `${info.dataDir}/admin-token`;
  return (
    <div className="flex flex-col gap-4">
      <Card title="Your token">
        <p className="mb-2 text-muted">It opens everything that you may do: keep it to yourself. Only the owner of the data folder can read the file. On the server&apos;s machine:</p>
        <CodeBlock language="bash" code={`cat ${quote(tokenFile)}`} />
      </Card>
      <Card title="git">
        <p className="mb-2 text-muted">git asks for a user name (any) and a password (the token). So that it does not ask on this machine:</p>
        <CodeBlock
          language="bash"
          code={[
            `git config --global credential.${info.origin}.username kradle`,
            `git config --global credential.${info.origin}.helper '!f() { test "$1" = get && echo "password=$(cat ${quote(tokenFile)})"; }; f'`,
          ].join('\n')}
        />
        <p className="mt-3 mb-2 text-muted">Then:</p>
        <CodeBlock language="bash" code={`git clone ${info.gitBaseUrl}/${org}/REPOSITORY.git`} />
      </Card>
      <Card title="Command line">
        <p className="mb-2 text-muted">On the server&apos;s machine the command finds the server by itself. From another one, or to be explicit:</p>
        <CodeBlock language="bash" code={[`export KRADLE_SERVER=${info.origin}`, 'export KRADLE_TOKEN=…', 'npx kradle status'].join('\n')} />
      </Card>
      <Card title="REST">
        <p className="mb-2 text-muted">Everything of this console is an API: <a href="/api/openapi.json" className="text-accent underline">OpenAPI description</a>.</p>
        <CodeBlock language="bash" code={`curl -H "Authorization: Bearer $KRADLE_TOKEN" ${info.origin}/api/orgs/${org}/repositories`} />
      </Card>
    </div>
  );
}

/** For a shell: quoted when it has anything but plain letters. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path.replace(/(["\\$`])/g, '\\$1')}"`;
}
