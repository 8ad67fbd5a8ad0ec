export interface TokenUse {
  readonly id: 'git' | 'curl' | 'kubectl' | 'kradle';
  readonly title: string;
  readonly help: string;
  /** Shell commands. */
  readonly code: string;
}

/** How the programs that people use take a token. */
export function tokenUses({ origin, gitBaseUrl, org, token, mayPush }: { origin: string; gitBaseUrl: string; org: string; token: string; mayPush: boolean }): readonly TokenUse[] {
  const { protocol, host } = new URL(origin);
  return [
    {
      id: 'git',
      title: 'git',
      help: `git asks for a user name (any) and a password (the token).${mayPush ? '' : ' This one clones and fetches; to push it would need repo:write.'}`,
      code: [
        `printf 'protocol=${protocol.slice(0, -1)}\\nhost=${host}\\nusername=kradle\\npassword=%s\\n' '${token}' | git credential approve`,
        `git clone ${gitBaseUrl}/${org}/REPOSITORY.git`,
      ].join('\n'),
    },
    { id: 'curl', title: 'curl', help: 'Every address of the REST API takes it as a bearer token.', code: `curl -H 'Authorization: Bearer ${token}' ${origin}/api/orgs/${org}/repositories` },
    {
      id: 'kubectl',
      title: 'kubectl',
      help: 'The server speaks the Kubernetes API; each organization is a namespace.',
      code: [
        `kubectl config set-cluster kradle --server=${origin}`,
        `kubectl config set-credentials kradle --token='${token}'`,
        `kubectl config set-context kradle --cluster=kradle --user=kradle --namespace=kradle-org-${org}`,
        'kubectl --context=kradle get repositories',
      ].join('\n'),
    },
    { id: 'kradle', title: 'kradle', help: 'Kept as a context of its own, beside others.', code: [`printf %s '${token}' | npx kradle login ${origin} --with-token`, `npx kradle list repositories --org ${org}`].join('\n') },
  ];
}
