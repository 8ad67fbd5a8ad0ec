import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { KUBE_MEDIA_TYPES, negotiateKube } from './kubeAccept';

const TABLE = { as: 'Table', group: 'meta.k8s.io', version: 'v1' };

describe('negotiateKube', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/yaml', 'application/yaml'],
    ['application/json, */*', 'application/json'],
    ['application/json;q=0.5,application/yaml', 'application/yaml'],
    ['*/*;q=0.9,application/yaml;q=0.9', 'application/yaml'],
    ['application/vnd.kubernetes.protobuf,application/json', 'application/json'],
    ['application/json;stream=watch', 'application/json'],
    ['Application/JSON; charset=UTF-8', 'application/json'],
    ['application/json;charset=latin1,application/yaml', 'application/yaml'],
  ])('%s is answered as %s', (accept, type) => expect(negotiateKube(accept)).toEqual({ type }));

  it('takes a form that is offered, and passes over one that is not', () => {
    const kubectl = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
    expect(negotiateKube(kubectl, { forms: [TABLE] })).toEqual({ type: 'application/json', form: TABLE });
    expect(negotiateKube(kubectl, { forms: [{ ...TABLE, version: 'v1beta1' }] }).form?.version).toBe('v1beta1');
    expect(negotiateKube(kubectl)).toEqual({ type: 'application/json' });
  });

  it.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;q=0', 'application/json;as=Table;v=v1;g=meta.k8s.io', ''])('refuses %s', (accept) => {
    expect(() => negotiateKube(accept)).toThrow(new StatusError('NotAcceptable', 'only the following media types are accepted: application/json, application/yaml'));
  });

  it('answers or refuses whatever the header says', () => {
    const noise = fc.array(fc.constantFrom('application/json', 'application', '/', '*', ';', 'q=', '0.5', ',', 'as', '=', '"', ' ', 'Table', 'é'), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(fc.property(noise, (accept) => {
      try {
        expect(KUBE_MEDIA_TYPES).toContain(negotiateKube(accept, { forms: [TABLE] }).type);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'NotAcceptable' });
      }
    }));
  });
});
