import { describe, expect, it } from 'vitest';
import { Box, Shelf } from '../../test/harness/throwAwayKinds';
import { fieldSchema, kindJsonSchema, specJsonSchema } from './jsonSchema';

describe('JSON Schema of a kind', () => {
  it('is closed and inlined, with defaults optional and descriptions kept', () => {
    expect(specJsonSchema(Shelf)).toMatchObject({
      type: 'object', additionalProperties: false, required: ['organizationRef'],
      properties: { height: { type: 'integer', minimum: 1, maximum: 10, default: 3, description: 'Boards, from the floor up.' }, material: { enum: ['oak', 'pine', 'steel'] } },
    });
    const whole = kindJsonSchema(Box);
    expect(JSON.stringify(whole)).not.toContain('$ref');
    expect(whole).toMatchObject({ title: 'Box', required: ['apiVersion', 'kind', 'metadata', 'spec'], properties: { kind: { const: 'Box' } } });
  });

  it('finds the schema of a field by its path', () => {
    expect(fieldSchema(Box, 'spec.friends[]')).toMatchObject({ type: 'string' });
    expect(fieldSchema(Box, 'spec.lock.code')).toMatchObject({ pattern: '^\\d{4}$' });
    expect(fieldSchema(Box, 'status.conditions[].reason')).toMatchObject({ type: 'string' });
    expect(fieldSchema(Box, 'metadata.creationTimestamp')).toMatchObject({ format: 'date-time' });
    expect(fieldSchema(Box, 'spec.extra.anything')).toEqual({});
    expect(fieldSchema(Box, 'spec.nothing')).toBeUndefined();
    expect(fieldSchema(Box, 'other.thing')).toBeUndefined();
  });
});
