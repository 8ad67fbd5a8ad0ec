import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { objectName } from '#shared/kind/objectMeta';
import type { McpRequest } from './mcpRequest';

/** A tool as it is offered and run. */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output?: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** Gets arguments that the schema passed. Throws StatusErrors. */
  run(args: Record<string, unknown>, request: McpRequest): Promise<Record<string, unknown>>;
}

/** The argument that every tool about an organization's things takes. */
export const orgArgument = objectName.optional().describe('Organization slug. Default: the one of this connection.');

/** Declares a tool whose arguments are typed by its schema. */
export function defineTool<TShape extends z.ZodRawShape>(
  tool: Omit<McpTool, 'input' | 'run'> & { readonly input: z.ZodObject<TShape>; run(args: z.output<z.ZodObject<TShape>>, request: McpRequest): Promise<Record<string, unknown>> },
): McpTool {
  return tool;
}

/** A tool that is named already and answers `NotImplemented` until what it stands for is there. */
export function unavailableTool(tool: Omit<McpTool, 'run' | 'annotations'> & { readonly because: string; readonly annotations?: ToolAnnotations }): McpTool {
  const { because, annotations = {}, ...rest } = tool;
  return {
    ...rest,
    description: `${rest.description} Not available yet: ${because}`,
    annotations,
    run: () => Promise.reject(new StatusError('NotImplemented', `${rest.name} is not available yet: ${because}`)),
  };
}
