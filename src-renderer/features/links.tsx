import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface ObjectLinkProps {
  org: string;
  name: string;
  children?: ReactNode;
  className?: string;
}

const LINK = 'rounded-sm text-fg underline decoration-line-strong/50 underline-offset-2 hover:text-accent hover:decoration-accent';

/** To a run's page. */
export function RunLink({ org, name, children, className = LINK }: ObjectLinkProps) {
  return <Link to="/o/$org/runs/$run" params={{ org, run: name }} className={className}>{children ?? name}</Link>;
}

/** To an agent's page. */
export function AgentLink({ org, name, children, className = LINK }: ObjectLinkProps) {
  return <Link to="/o/$org/agents/$agent" params={{ org, agent: name }} className={className}>{children ?? name}</Link>;
}

/** To a repository's front page. */
export function RepositoryLink({ org, name, children, className = LINK }: ObjectLinkProps) {
  return <Link to="/o/$org/repositories/$repo" params={{ org, repo: name }} className={className}>{children ?? name}</Link>;
}

/** To a pull request, by the name of its object. */
export function PullLink({ org, name, children, className = LINK }: ObjectLinkProps) {
  return <Link to="/o/$org/pulls/$pr" params={{ org, pr: name }} className={className}>{children ?? name}</Link>;
}
