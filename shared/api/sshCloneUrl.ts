/** Address of a repository for git over SSH: in the short form where the port is the usual one. */
export function sshCloneUrl({ host, port }: { readonly host: string; readonly port: number }, org: string, repository: string): string {
  const named = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === 22 ? `git@${named}:${org}/${repository}.git` : `ssh://git@${named}:${port}/${org}/${repository}.git`;
}

/** How `known_hosts` names a server. */
export function knownHostsName({ host, port }: { readonly host: string; readonly port: number }): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return port === 22 ? bare : `[${bare}]:${port}`;
}
