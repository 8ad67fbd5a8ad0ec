import type { IncomingMessage } from 'node:http';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { createCachedDocument, type CachedDocument } from '../cachedDocument';
import { negotiateKube, type KubeForm } from '../kubeAccept';
import { sendKube } from '../sendKube';
import type { ServedVersion } from '../servedVersions';
import { AGGREGATED_FORMS, aggregatedContentType, aggregatedDiscovery } from './aggregatedDiscovery';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './discoveryDocuments';

/** `/api`, `/apis`, and what lies under them down to the list of a version's resources. */
export function createDiscoveryEndpoints(versions: readonly ServedVersion[]): Endpoint[] {
  const hostOf = (req: IncomingMessage) => req.headers.host ?? 'localhost';
  return [
    discoveryEndpoint(/^\/api\/?$/, withAggregated(versions, { core: true, plain: ({ req }) => apiVersions(versions, hostOf(req)) })),
    discoveryEndpoint(/^\/apis\/?$/, withAggregated(versions, { core: false, plain: () => apiGroupList(versions) })),
    discoveryEndpoint(/^\/apis\/(?<group>[^/]+)\/?$/, plain(({ params }) => apiGroup(versions, params.group ?? ''))),
    discoveryEndpoint(/^\/api\/(?<version>v1)\/?$/, plain(({ params }) => apiResourceList(versions, { group: '', version: params.version ?? '' }))),
    discoveryEndpoint(/^\/apis\/(?<group>[^/]+)\/(?<version>[^/]+)\/?$/, plain(({ params }) => apiResourceList(versions, { group: params.group ?? '', version: params.version ?? '' }))),
  ];
}

type Handle = Endpoint['handle'];

function discoveryEndpoint(pattern: RegExp, handle: Handle): Endpoint {
  return { methods: ['GET', 'HEAD'], pattern, errors: 'kubernetes', handle };
}

function plain(body: (request: EndpointRequest) => unknown): Handle {
  return async (request) => sendKube(request.req, request.res, { body: body(request) });
}

/** Answers the aggregated document to who asks for one, else the plain one. */
function withAggregated(versions: readonly ServedVersion[], opts: { core: boolean; plain: (request: EndpointRequest) => unknown }): Handle {
  const documents = new Map<KubeForm, CachedDocument>(
    AGGREGATED_FORMS.map((form) => [form, createCachedDocument(() => JSON.stringify(aggregatedDiscovery(versions, { form, core: opts.core })))]),
  );
  return async (request) => {
    const { req, res } = request;
    const { type, form } = negotiateKube(req.headers.accept, { forms: AGGREGATED_FORMS });
    const document = form === undefined || type !== 'application/json' ? undefined : documents.get(form);
    if (form === undefined || document === undefined) sendKube(req, res, { body: opts.plain(request) });
    else await document.send(req, res, { contentType: aggregatedContentType(form) });
  };
}
