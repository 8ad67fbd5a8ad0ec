import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';

const names = z.array(z.string().min(1).max(200)).max(500);

export const AgentMemoryOntology = defineKind({
  names: { kind: 'AgentMemoryOntology', plural: 'agentmemoryontologies', singular: 'agentmemoryontology', title: 'Memory ontologies' },
  context: 'memory',
  storage: 'config',
  placement: 'org',
  purpose: 'Ontology policy pointer with required fields, edge kinds, and controlled vocabulary',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    memoryRepository: refTo('AgentMemoryRepository'),
    ontologyPath: z.string().min(1).max(1024).describe('Folder or file of the ontology in the memory repository: ontology/.'),
    nodeKinds: names.optional().describe('Kinds of nodes that records may have; absent: those of the ontology\'s files.'),
    edgeKinds: names.optional().describe('Kinds of edges that records may have.'),
    requiredFields: z.record(z.string(), names).optional().describe('Fields that a record must have, by kind of node; "*" for each.'),
    controlledVocabulary: z.record(z.string(), names).optional().describe('Values that a field may have, by field.'),
    enforcement: z.enum(['warn', 'enforce']).default('enforce').describe('Whether a record that breaks the rules is refused.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Valid', 'Invalid']).optional(),
    validatedCommit: z.string().optional(),
    validatedAt: timestamp.optional(),
    violations: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    violationCount: z.number().int().optional(),
  }),
  columns: [
    { name: 'Memory', path: 'spec.memoryRepository', type: 'ref' },
    { name: 'Path', path: 'spec.ontologyPath', type: 'string' },
    { name: 'Enforcement', path: 'spec.enforcement', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.memoryRepository', kind: 'AgentMemoryRepository' }],
  search: ['spec.displayName', 'spec.ontologyPath'],
  form: { ontologyPath: { placeholder: 'ontology/' } },
});
