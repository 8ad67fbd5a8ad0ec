import type { Command } from 'commander';
import { ORG_NAMESPACE_PREFIX } from '#shared/kind/objectMeta';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { findKubeAddress, type KubeAddress } from '../kubeAddress';
import { printValue } from '../objectOutput';

interface KubeconfigFlags {
  readonly name: string;
  readonly certificateAuthority?: string;
}

export function registerKubeconfig(program: Command, context: CommandContext): void {
  program
    .command('kubeconfig')
    .helpGroup('Server:')
    .description('print a kubeconfig, with which kubectl and its like talk to the server')
    .option('--name <name>', 'name of context, cluster and user in it', 'kradle')
    .option('--certificate-authority <file>', 'PEM file of who signed the server\'s certificate, for a server elsewhere')
    .action((flags: KubeconfigFlags) => printKubeconfig(flags, context));
}

async function printKubeconfig(flags: KubeconfigFlags, context: CommandContext): Promise<void> {
  const { url, token } = context.connection();
  if (token === undefined) throw usageError(`There is no token for ${url}.`, 'Give one with --token or KRADLE_TOKEN; it is written into the kubeconfig.');
  const address = await findKubeAddress(url, { dataDir: context.dataDir(), ...(flags.certificateAuthority === undefined ? {} : { authorityFile: flags.certificateAuthority }) });
  const config = kubeconfig(address, { name: flags.name, token, org: context.org() });
  if (await printValue(context, config)) return;
  const { stringify } = await import('yaml');
  context.terminal.out(stringify(config, { lineWidth: 0 }));
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
function kubeconfig({ server, authority }: KubeAddress, opts: { name: string; token: string; org: string }): object {
  const { name, token, org } = opts;
  const trust = authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...trust } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${ORG_NAMESPACE_PREFIX}${org}` } }],
    'current-context': name,
  };
}
