import { z } from 'zod';

/** What a subagent or a skill answers with. Source: seeds, 002, "outputContract". */
export const outputContract = z.object({
  format: z.string().min(1).max(100).describe('Form of the answer: markdown-summary, checklist, json …'),
  requiredSections: z.array(z.string().min(1).max(200)).max(100).optional().describe('Sections that the answer must have.'),
  schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of the answer, when the format is json.'),
});
