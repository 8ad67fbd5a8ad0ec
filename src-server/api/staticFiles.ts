import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** The console may load only itself; nothing may frame it. Styles are inlined by the component library. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the built console: files by their path, and `index.html` for every other path so that the client's router can take it.
 * Answers false when there is no console to serve.
 */
export function createStaticFiles(root: string) {
  return async function serveStatic(req: IncomingMessage, res: ServerResponse, pathname: string): Promise<boolean> {
    const wanted = resolveInside(root, pathname);
    if (wanted === undefined) return false;
    const isFile = extname(wanted) !== '' && (await stat(wanted).catch(() => undefined))?.isFile() === true;
    if (!isFile && pathname.startsWith('/assets/')) return false;
    const path = isFile ? wanted : join(root, 'index.html');
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) return false;
    res.setHeader('Content-Type', CONTENT_TYPES[extname(path)] ?? 'application/octet-stream');
    res.setHeader('Content-Length', info.size);
    // Names under assets carry a digest of their content.
    res.setHeader('Cache-Control', pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    res.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    res.writeHead(200);
    if (req.method === 'HEAD') res.end();
    else await pipeline(createReadStream(path), res);
    return true;
  };
}

function resolveInside(root: string, pathname: string): string | undefined {
  const path = normalize(join(root, pathname));
  return path === root || path.startsWith(root + sep) ? path : undefined;
}
