import { setMaxListeners } from 'node:events';
import type { EndpointRequest } from '../../../http/endpoint';
import type { KubeDeps } from '../kubeDeps';
import { answerList } from './answerList';
import { answerWatch } from './answerWatch';
import { createEncoders } from './eventEncoder';
import { FlushRounds } from './flushRounds';
import type { ObjectSource, ObjectView } from './kubeObject';
import { readIncludeObject, readListParameters } from './listParameters';
import { negotiateForm } from './objectForm';
import { indentOf } from './objectRequest';
import type { Warnings } from '../../warnings';
import { WatchHubs } from './watchHub';

export interface Collection {
  readonly view: ObjectView;
  readonly warnings?: Warnings;
  /** Gets the request's selectors. */
  readonly makeSource: (selectors: { labelSelector?: string; fieldSelector?: string }) => ObjectSource;
}

/** Answers a list or a watch of a collection, whichever the request asks for. */
export type AnswerCollection = (request: EndpointRequest, collection: Collection) => Promise<void>;

/** What all lists and watches of a server share: encoded events, and the rounds in which they are sent. */
export function createAnswerCollection(deps: Pick<KubeDeps, 'clock' | 'stopping'>): AnswerCollection {
  const { clock, stopping = new AbortController().signal } = deps;
  // Every watch listens to it.
  setMaxListeners(0, stopping);
  const encoderOf = createEncoders();
  const rounds = new FlushRounds();
  const hubs = new WatchHubs();
  return async (request, { view, warnings, makeSource }) => {
    const { labelSelector, fieldSelector, ...parameters } = readListParameters(request.url);
    const source = makeSource({ labelSelector, fieldSelector });
    const { form } = negotiateForm(request.req.headers.accept, view, { types: ['application/json'], includeObject: readIncludeObject(request.url), now: () => clock.now() });
    warnings?.setHeaders(request.res);
    if (parameters.watch) await answerWatch(request, { source, encoder: encoderOf(view, form), parameters, rounds, hubs, clock, stopping });
    else await answerList(request, { source, form, parameters, indent: indentOf(request.url) });
  };
}
