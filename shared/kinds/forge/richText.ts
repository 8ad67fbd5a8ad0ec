import { z } from 'zod';
import { foreignDigest } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

/**
 * Where a Markdown body came from when it was converted, so that a write back need not lose what the conversion lost. Source: seeds,
 * 004 external-object-mapping, "Rich text conversion".
 */
export const bodySource = z.object({
  sourceFormat: z.string().min(1).max(100).describe('Format before the conversion: atlassian-document-format, html.'),
  sourceDigest: foreignDigest.optional().describe('Digest of the text before the conversion.'),
  renderWarnings: z.array(z.string().max(500)).max(100).optional().describe('What the conversion could not carry over.'),
});

/** Older documents write the body as an object that holds its Markdown and its source. */
export function upgradeBody(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (!isPlainObject(spec.body) || spec.bodySource !== undefined) return { ...spec };
  const { markdown, ...source } = spec.body;
  return { ...spec, body: markdown, ...(Object.keys(source).length === 0 ? {} : { bodySource: source }) };
}
