import { Link } from '@tanstack/react-router';
import { CodeBlock } from '../../../ui/text/CodeBlock';
import { Card, PageBody } from '../../../ui/PageHeader';
import { useCloneUrl } from '../CloneButton';
import { useRepository } from '../repositoryContext';

/** A repository without a commit: how to put one in. Each block can be pasted as it is; git asks for the token in its last line. */
export function EmptyRepository() {
  const { repo, defaultBranch } = useRepository();
  const url = useCloneUrl();
  return (
    <PageBody>
      <div className="flex max-w-3xl flex-col gap-4">
        <p className="text-muted">
          Nothing is in here yet. When git asks, give any user name, and <Link to="/account/$section" params={{ section: 'tokens' }} className="text-accent underline">your token</Link> as the password. The page follows your push by itself.
        </p>
        <Card title="Push a repository that you have">
          <CodeBlock language="bash" code={`git remote add kradle ${url}\ngit push -u kradle HEAD:${defaultBranch}`} />
        </Card>
        <Card title="Begin a new one">
          <CodeBlock
            language="bash"
            code={[`mkdir ${repo} && cd ${repo}`, `git init -b ${defaultBranch}`, `echo "# ${repo}" > README.md`, 'git add README.md', 'git commit -m "Begin"', `git remote add origin ${url}`, `git push -u origin ${defaultBranch}`].join('\n')}
          />
        </Card>
      </div>
    </PageBody>
  );
}
