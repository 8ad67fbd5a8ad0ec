import { ORG_NAMESPACE_PREFIX } from '#shared/kind/objectMeta';
import type { ConnectFacts } from './connectFacts';
import { Step, Steps } from './Step';

export function KubectlSteps({ origin, org }: ConnectFacts) {
  const { protocol, hostname } = new URL(origin);
  // kubectl sends a token over TLS only; what the server shows then, its own authority has signed.
  const needsAuthority = protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return (
    <Steps>
      <Step
        title={<>After <code className="font-mono text-xs">kradle login</code>, write a kubeconfig: address, authority and your token</>}
        code={`kradle kubeconfig --org ${org}${needsAuthority ? ' --certificate-authority ca.pem' : ''} > ~/.kube/kradle.yaml\nchmod 600 ~/.kube/kradle.yaml`}
      >
        {needsAuthority && <p className="text-muted">kubectl sends a token over TLS only, which this server speaks on the same port: copy <code className="font-mono text-xs">tls/ca.pem</code> from its data folder.</p>}
      </Step>
      <Step title={`Use it; this organization is the namespace ${ORG_NAMESPACE_PREFIX}${org}`} code={['export KUBECONFIG=~/.kube/kradle.yaml', 'kubectl get agentdispatchruns --watch', 'kubectl explain agentstack.spec'].join('\n')} />
    </Steps>
  );
}
