import { once } from 'node:events';
import type { EndpointRequest } from '../../../http/endpoint';
import type { ObjectPage, ObjectSource } from './kubeObject';
import type { ListParameters } from './listParameters';
import type { ObjectForm } from './objectForm';
import { atVersion, requireNotOlder } from './staleness';

/** Objects that are read and encoded at a time: bounds memory, and how long the loop stands still. */
export const PAGE_SIZE = 500;

/**
 * Answers a list. However long it is, only a page of it is in memory at a time: further pages, all of one revision, follow as the
 * client reads. `indent` is what `JSON.stringify` takes.
 */
export async function answerList(request: EndpointRequest, opts: { source: ObjectSource; form: ObjectForm; parameters: ListParameters; indent?: number }): Promise<void> {
  const { source, form, parameters, indent } = opts;
  const { limit = Infinity } = parameters;
  const atResourceVersion = parameters.exactly;
  let page = await atVersion(atResourceVersion, () => source.page({ limit: Math.min(PAGE_SIZE, limit), continue: parameters.continue, atResourceVersion }));
  requireNotOlder(parameters.notOlderThan, page.metadata.resourceVersion);
  const { res } = request;
  res.setHeader('Content-Type', 'application/json').setHeader('Cache-Control', 'no-cache, private');
  const { members } = form;
  const encode = (value: unknown) => JSON.stringify(value, null, indent);
  const encodeMembers = ({ items }: ObjectPage) => items.map((object) => encode(form.member(object))).join(',');
  const head = `${encode(form.list).replace(/\s*\}$/, '')},"${members}":[`;
  const tail = ({ metadata }: ObjectPage) => `],"metadata":${encode(metadata)}}\n`;

  let count = page.items.length;
  if (page.metadata.continue === undefined || count >= limit) {
    const text = head + encodeMembers(page) + tail(page);
    res.setHeader('Content-Length', Buffer.byteLength(text)).end(text);
    return;
  }
  let isRead = res.write(head + encodeMembers(page));
  while (page.metadata.continue !== undefined && count < limit && !res.destroyed) {
    if (!isRead) await Promise.race([once(res, 'drain'), once(res, 'close')]);
    page = await source.page({ limit: Math.min(PAGE_SIZE, limit - count), continue: page.metadata.continue });
    count += page.items.length;
    if (page.items.length > 0) isRead = res.write(`${count > page.items.length ? ',' : ''}${encodeMembers(page)}`);
  }
  res.end(tail(page));
}
