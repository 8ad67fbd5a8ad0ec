import type { Endpoint } from '../../../http/endpoint';
import type { ForgeContext } from '../forgeContext';
import { setSafeHeaders } from '../downloads/downloadHeaders';
import { listReleases } from './releaseVerbs';

const SHOWN = 30;

/** The published releases of a repository as an Atom feed (RFC 4287). Readers sign in with a token as the password. */
export function createReleaseFeed(ctx: ForgeContext): Endpoint {
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/releases\.atom$/,
    challenge: 'basic',
    openapi: { path: '/api/orgs/{org}/repositories/{repository}/releases.atom', summary: 'The published releases as an Atom feed', tags: ['Releases'], answers: 'application/atom+xml' },
    async handle(request) {
      const { org = '', repo = '' } = request.params;
      const { items } = await listReleases({ org, repository: repo, resources: ctx.resources.as(request.actor) }, { org, repository: repo, limit: SHOWN });
      const published = items.filter((release) => !release.draft);
      const page = `${request.origin}/o/${encodeURIComponent(org)}/repositories/${encodeURIComponent(repo)}/releases`;
      const entries = published.map((release) => {
        const at = release.publishedAt ?? release.createdAt;
        return `<entry><id>${escapeXml(`${page}#${release.name}`)}</id><title>${escapeXml(release.title)}</title><updated>${escapeXml(at)}</updated>`
          + `<link rel="alternate" href="${escapeXml(`${page}/${encodeURIComponent(release.name)}`)}"/><author><name>${escapeXml(release.createdBy?.name ?? repo)}</name></author>`
          + `<content type="text">${escapeXml(release.notes)}</content></entry>`;
      });
      const updated = published[0]?.publishedAt ?? new Date(0).toISOString();
      const text = `<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>${escapeXml(page)}</id><title>${escapeXml(`Releases of ${org}/${repo}`)}</title><updated>${escapeXml(updated)}</updated><link href="${escapeXml(page)}"/>${entries.join('')}</feed>\n`;
      setSafeHeaders(request, { immutable: false });
      request.res.writeHead(200, { 'Content-Type': 'application/atom+xml; charset=utf-8', 'Content-Length': Buffer.byteLength(text) });
      request.res.end(request.req.method === 'HEAD' ? undefined : text);
    },
  };
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&apos;' };
  // eslint-disable-next-line no-control-regex -- characters that XML 1.0 cannot hold
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
