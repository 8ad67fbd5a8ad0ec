import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKubeProtobuf } from './kubeProtobuf';

/** As kubectl 1.33 sends it for `kubectl auth can-i list shelves --namespace acme`. */
function accessReview(): Buffer {
  const field = (id: number, value: Buffer | string) => Buffer.concat([Buffer.from([(id << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);
  const attributes = Buffer.concat([field(1, 'acme'), field(2, 'list'), field(3, 'kradle.a5c.ai'), field(4, '*'), field(5, 'shelves')]);
  const raw = Buffer.concat([field(1, ''), field(2, field(1, attributes)), field(3, '')]);
  const typeMeta = Buffer.concat([field(1, 'authorization.k8s.io/v1'), field(2, 'SelfSubjectAccessReview')]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw), field(3, ''), field(4, '')]);
}

describe('decodeKubeProtobuf', () => {
  it('reads a review', () => {
    expect(decodeKubeProtobuf(accessReview())).toEqual({
      apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: 'acme', verb: 'list', group: 'kradle.a5c.ai', version: '*', resource: 'shelves' } },
    });
  });

  it('refuses another kind, and what is not wrapped', () => {
    const other = Buffer.from(accessReview().toString('latin1').replace('SelfSubjectAccessReview', 'SelfSubjectAccessReviex'), 'latin1');
    expect(() => decodeKubeProtobuf(other)).toThrow('the kind "SelfSubjectAccessReviex" is not taken in this form');
    expect(() => decodeKubeProtobuf(Buffer.from('{}'))).toThrow('The body is no object in application/vnd.kubernetes.protobuf: the first four bytes');
  });

  it('refuses bytes that are cut or changed, or reads them as something else', () => {
    const whole = accessReview();
    fc.assert(fc.property(fc.nat(whole.length), fc.nat(255), (at, byte) => {
      for (const bytes of [whole.subarray(0, at), Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1)])]) {
        try {
          expect(decodeKubeProtobuf(bytes)).toHaveProperty('kind');
        } catch (error) {
          expect(error).toMatchObject({ reason: 'BadRequest' });
        }
      }
    }));
  });
});
