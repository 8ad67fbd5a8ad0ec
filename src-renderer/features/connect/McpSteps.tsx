import { useUrlState } from '../../shell/urlState';
import { Select } from '../../ui/fields/Select';
import type { ConnectFacts } from './connectFacts';
import { MCP_CLIENTS, type McpTransport } from './mcpConfig';
import { Step, Steps } from './Step';
import { TokenLink } from './TokenLink';

const TRANSPORTS: readonly { value: McpTransport; label: string; description: string }[] = [
  { value: 'stdio', label: 'kradle mcp, over stdio', description: 'The program starts the command, which signs in by itself: no token in a file.' },
  { value: 'http', label: '/mcp, over HTTP', description: 'Nothing to install; the program sends an access token.' },
];

/** Which program and which way are in the address, so that a colleague can be sent the very page. */
export function McpSteps({ origin, org }: ConnectFacts) {
  const [clientId, setClient] = useUrlState('client', { replace: true });
  const [over, setOver] = useUrlState('over', { replace: true });
  const client = MCP_CLIENTS.find(({ id }) => id === clientId) ?? MCP_CLIENTS[0];
  const transport: McpTransport = over === 'http' ? 'http' : 'stdio';
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-2">
        <Select aria-label="Program" className="w-44 max-sm:w-full" value={client?.id} onValueChange={setClient} options={MCP_CLIENTS.map(({ id, title }) => ({ value: id, label: title }))} />
        <Select aria-label="Way" className="w-56 max-sm:w-full" value={transport} onValueChange={setOver} options={TRANSPORTS} />
      </div>
      <Steps>
        {transport === 'stdio'
          ? <Step title="Get the command and sign in, once" code={`npm install --global kradle\nkradle login ${origin} --org ${org}`} />
          : client?.asksForToken === true
            ? <Step title={<>Make <TokenLink>an access token</TokenLink></>} />
            : <Step title={<>Put <TokenLink>an access token</TokenLink> into the environment from which the program starts</>} code="read -rs KRADLE_TOKEN && export KRADLE_TOKEN" />}
        {client?.steps({ origin, org }, transport).map((step) => <Step key={step.title} {...step} />)}
      </Steps>
    </div>
  );
}
