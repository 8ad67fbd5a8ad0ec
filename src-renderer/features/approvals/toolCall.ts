import { z } from 'zod';
import type { ToolContent } from '#shared/runs/runView';

/** What a permission request says of the tool call, as far as it is of the shape that ACP promises. */
export interface ToolCallFacts {
  readonly title: string | undefined;
  /** ACP tool kind; `other` when it says none. */
  readonly kind: string;
  readonly rawInput: unknown;
  readonly diffs: readonly Extract<ToolContent, { type: 'diff' }>[];
  /** Text that came with the request. */
  readonly texts: readonly string[];
  readonly paths: readonly string[];
}

const content = z.union([
  z.object({ type: z.literal('diff'), path: z.string(), oldText: z.string().nullish(), newText: z.string() }),
  z.object({ type: z.literal('content'), content: z.object({ type: z.literal('text'), text: z.string() }) }),
]);
const toolCall = z.object({
  title: z.string().nullish().catch(undefined),
  kind: z.string().nullish().catch(undefined),
  rawInput: z.unknown().optional(),
  content: z.array(z.unknown()).nullish().catch(undefined),
  locations: z.array(z.unknown()).nullish().catch(undefined),
});

/** Reads the tool call of a permission request; an agent decides its shape, so nothing is trusted and nothing throws. */
export function toolCallFacts(value: Readonly<Record<string, unknown>> | undefined): ToolCallFacts {
  const read = toolCall.safeParse(value ?? {});
  const call = read.success ? read.data : undefined;
  const parts = (call?.content ?? []).flatMap((each) => {
    const parsed = content.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });
  return {
    title: call?.title ?? undefined,
    kind: call?.kind ?? 'other',
    rawInput: call?.rawInput,
    diffs: parts.flatMap((part) => (part.type === 'diff' ? [{ type: 'diff' as const, path: part.path, newText: part.newText, ...(part.oldText === null || part.oldText === undefined ? {} : { oldText: part.oldText }) }] : [])),
    texts: parts.flatMap((part) => (part.type === 'content' ? [part.content.text] : [])),
    paths: (call?.locations ?? []).flatMap((each) => {
      const parsed = z.object({ path: z.string() }).safeParse(each);
      return parsed.success ? [parsed.data.path] : [];
    }),
  };
}
