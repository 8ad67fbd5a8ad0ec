import { z } from 'zod';
import { quantity } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

const amounts = z.record(z.string(), quantity);

/** Compute resources of a container, as Kubernetes has them. */
export const computeResources = z.object({
  limits: amounts.optional().describe('The most that it may use: cpu, memory, nvidia.com/gpu.'),
  requests: amounts.optional().describe('What is kept free for it.'),
});

/** YAML reads `cpu: 2` as a number; a quantity is text. */
export function resourcesWithText(resources: unknown): unknown {
  if (!isPlainObject(resources)) return resources;
  return Object.fromEntries(Object.entries(resources).map(([part, values]) => [part, isPlainObject(values) ? amountsAsText(values) : values]));
}

function amountsAsText(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([resource, value]) => [resource, typeof value === 'number' ? String(value) : value]));
}
