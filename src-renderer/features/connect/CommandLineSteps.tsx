import type { ConnectFacts } from './connectFacts';
import { Step, Steps } from './Step';

export function CommandLineSteps({ origin, org, tokenFile }: ConnectFacts) {
  return (
    <Steps>
      <Step title={<>Get the command; or put <code className="font-mono text-xs">npx</code> in front of it each time</>} code="npm install --global kradle" />
      <Step title="Sign in: it opens this console, where you let it in" code={`kradle login ${origin} --org ${org}`}>
        {tokenFile !== undefined && <p className="text-muted">On the server&apos;s own machine the command finds the server without it.</p>}
      </Step>
      <Step title="Use it" code={['kradle list repositories', 'kradle dispatch --repo REPOSITORY --stack AGENT -p "Fix the failing test" --follow'].join('\n')} />
      <Step title="Let the shell complete its words, names of your objects among them" code="source <(kradle completion bash)   # or zsh, or fish" />
    </Steps>
  );
}
