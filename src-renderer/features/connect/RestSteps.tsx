import { BookOpen, FileJson } from 'lucide-react';
import { Button } from '../../ui/Button';
import type { ConnectFacts } from './connectFacts';
import { Step, Steps } from './Step';
import { TokenLink } from './TokenLink';

export function RestSteps({ origin, org }: ConnectFacts) {
  const api = `${origin}/api/orgs/${org}`;
  return (
    <Steps>
      <Step title={<>Put <TokenLink>an access token</TokenLink> into the environment; typed so, it does not stay in the shell&apos;s history</>} code="read -rs KRADLE_TOKEN && export KRADLE_TOKEN" />
      <Step title="Ask" code={`curl -H "Authorization: Bearer $KRADLE_TOKEN" ${api}/repositories`} />
      <Step
        title="Change; a key makes it safe to send again"
        code={`curl -X POST -H "Authorization: Bearer $KRADLE_TOKEN" -H "Idempotency-Key: $(uuidgen)" \\\n  --json '{"name": "shop", "initialize": true}' ${api}/repositories`}
      />
      <Step title="Look up the rest: every address, with what it takes and answers">
        <div className="flex flex-wrap gap-2">
          <Button asChild><a href="/docs"><BookOpen />API reference</a></Button>
          <Button asChild><a href="/api/openapi.json"><FileJson />OpenAPI</a></Button>
        </div>
      </Step>
    </Steps>
  );
}
