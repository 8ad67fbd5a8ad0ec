import type { StatusError } from '#shared/api/status';
import { toKubeStatus } from '../kubeStatus';
import type { KubeObject, ObjectView } from './kubeObject';
import type { ObjectForm } from './objectForm';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Lines of a watch in one form. Objects of events are shared between watches, and so are the bytes that are made of them. */
export class EventEncoder {
  readonly #form: ObjectForm;
  readonly #encoded: Readonly<Record<ChangeType, WeakMap<KubeObject, Buffer>>> = { ADDED: new WeakMap(), MODIFIED: new WeakMap(), DELETED: new WeakMap() };

  constructor(form: ObjectForm) {
    this.#form = form;
  }

  /** The first change of a stream: tables say their columns in it. */
  first(type: ChangeType, object: KubeObject): Buffer {
    return toLine(type, this.#form.whole(object));
  }

  change(type: ChangeType, object: KubeObject): Buffer {
    const encoded = this.#encoded[type];
    let bytes = encoded.get(object);
    if (bytes === undefined) {
      bytes = toLine(type, this.#form.whole(object, { headless: true }));
      encoded.set(object, bytes);
    }
    return bytes;
  }

  /** Everything up to this revision has been told. `initialEventsEnd`: so has every object that there was. */
  bookmark(resourceVersion: string, opts: { initialEventsEnd?: boolean } = {}): Buffer {
    const annotations = opts.initialEventsEnd === true ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    return toLine('BOOKMARK', this.#form.bookmark({ resourceVersion, ...annotations }));
  }
}

/** Why a watch ends before its time. */
export function errorLine(error: StatusError, pathname: string): Buffer {
  return toLine('ERROR', toKubeStatus(error, pathname));
}

/** Encoders by what they write, so that every watch of the same form shares one. */
export function createEncoders(): (view: ObjectView, form: ObjectForm) => EventEncoder {
  const encoders = new Map<string, EventEncoder>();
  return (view, form) => {
    const key = `${view.apiVersion} ${view.kindName} ${form.key}`;
    const known = encoders.get(key);
    if (known !== undefined) return known;
    const encoder = new EventEncoder(form);
    encoders.set(key, encoder);
    return encoder;
  };
}

function toLine(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
