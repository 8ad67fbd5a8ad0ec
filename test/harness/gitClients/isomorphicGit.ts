import fs from 'node:fs';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import type { ClientAnswer, GitClient, GitWay } from './gitClient';

/** isomorphic-git, which is git in script: editors in the browser, and build tools. */
export const isomorphicGit: GitClient = {
  name: `isomorphic-git ${git.version()}`,
  missing: undefined,
  ways: ['http'],
  canShallow: true,
  words: { unauthorized: { http: /HTTP Error: 401/ }, notFound: { http: /HTTP Error: 404|There is no repository/ } },
  clone: (way, dir, { depth } = {}) => told(async (say) => git.clone({ ...common(way, say), dir, url: way.url, ...(depth === undefined ? {} : { depth }) })),
  fetch: (way, dir) => told(async (say) => void (await git.fetch({ ...common(way, say), dir, remote: 'origin', tags: true }))),
  push: (way, dir, refspecs) =>
    told(async (say) => {
      for (const refspec of refspecs) {
        const [source = '', target = ''] = refspec.split(':');
        await git.push({ ...common(way, say), dir, remote: 'origin', remoteRef: target, ...(source === '' ? { ref: 'HEAD', delete: true } : { ref: source }) });
      }
    }),
  list: (way) =>
    told(async (say) => {
      const { http: client, onAuth } = common(way, say);
      for (const { ref } of await git.listServerRefs({ http: client, onAuth, url: way.url })) say(`${ref}\n`);
    }),
};

function common({ token }: GitWay, say: (text: string) => void) {
  // Whoever is asked a second time gives up: the first answer was not good.
  return { fs, http, onAuth: () => ({ username: 'una', password: token }), onMessage: say };
}

async function told(act: (say: (text: string) => void) => Promise<void>): Promise<ClientAnswer> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  try {
    await act(say);
    return { ok: true, said };
  } catch (error) {
    return { ok: false, said: said + String(error) };
  }
}
