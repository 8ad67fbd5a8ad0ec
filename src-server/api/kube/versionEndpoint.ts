import type { Endpoint } from '../../http/endpoint';
import { sendKube } from './sendKube';

/** The Kubernetes release whose protocol the door speaks; kubectl warns when its own is more than one minor version away. */
const KUBERNETES = { major: '1', minor: '32' };

/** `/version`: what `kubectl version` shows of the server. */
export function createVersionEndpoint(version: string): Endpoint {
  const body = {
    ...KUBERNETES,
    gitVersion: `v${KUBERNETES.major}.${KUBERNETES.minor}.0+kradle.${version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/version\/?$/,
    errors: 'kubernetes',
    handle: async ({ req, res }) => sendKube(req, res, { body }),
  };
}
