import { z } from 'zod';

/** What picks objects: each term that is there narrows further. Source: seeds, 003, kinds 23 and 24 and "matchLabels". */
export const selectorTerms = {
  matchLabels: z.record(z.string(), z.string()).optional().describe('Labels that an object must carry, with their values.'),
  labelSelector: z.string().max(8192).optional().describe('As kubectl takes it: team=core,tier in (web,api),!legacy.'),
  fieldSelector: z.string().max(8192).optional().describe('Fields and their values: status.phase=Running,spec.repository!=demo.'),
  query: z.string().max(500).optional().describe('Text that the name or a searched field must have in it.'),
} as const;
