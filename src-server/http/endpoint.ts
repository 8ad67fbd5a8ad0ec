import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Actor } from '../resources/actor';
import type { AuditTrail } from '../resources/auditTrail';
import type { Logger } from '../app/log';
import type { RequestUrl } from './requestUrl';

/** A request on a raw protocol endpoint (git, blobs, runner uploads, SSE), after Host, sign-in and limits were checked. */
export interface EndpointRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: RequestUrl;
  /** Named groups of the pattern, URI-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly origin: string;
}

/** How the OpenAPI document shows a route that is no procedure. Its path parameters are read from the path. */
export interface EndpointDescription {
  /** With the parameters in braces: `/api/orgs/{org}/agents/runs/{name}/callback`. */
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Query parameters and what they mean. */
  readonly query?: Readonly<Record<string, string>>;
  /** The JSON body, if the route takes one. */
  readonly body?: z.ZodType;
  /** Media type of a good answer. */
  readonly answers: string;
}

/**
 * How a failure is told: the REST error body, a line of plain text (which is what git shows people), or the `Status` object of a
 * Kubernetes API.
 */
export type ErrorForm = 'json' | 'text' | 'kubernetes';

/** A route that does not go through the router because its bytes are not JSON, or not its JSON. */
export interface Endpoint {
  readonly methods: readonly string[];
  /** Anchored expression over the path as it was sent; its named groups reach the handler decoded. */
  readonly pattern: RegExp;
  /** How a 401 asks: `basic` for git and package clients. Default `bearer`. */
  readonly challenge?: 'basic' | 'bearer';
  /** Default: what is usual at the address. */
  readonly errors?: ErrorForm;
  /** Absent for what is a protocol of its own: git, the runner's. */
  readonly openapi?: EndpointDescription;
  handle(request: EndpointRequest): Promise<void>;
}

/** A request that anybody may make: of a page of our own, or of a program. */
export interface PublicRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: RequestUrl;
  /** Named groups of the pattern, URI-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Address of the client; behind proxies that are trusted, the one that they tell. */
  readonly address: string;
  readonly correlationId: string;
  /** For what happens before anybody has signed in. */
  readonly trail: AuditTrail;
  readonly log: Logger;
  readonly origin: string;
  /** Fields of the body, JSON or a form; `BadRequest` for what is neither, `RequestEntityTooLarge` over 64 KiB. */
  readonly fields: () => Promise<Readonly<Record<string, unknown>>>;
  readonly json: (status: number, body: unknown) => void;
}

/** A route without sign-in: health, sign-in itself, an invitation. What changes something is taken from pages of our own only. */
export interface PublicEndpoint {
  readonly methods: readonly string[];
  /** Anchored expression over the path as it was sent. */
  readonly pattern: RegExp;
  /** Absent for what is a protocol of its own. */
  readonly openapi?: EndpointDescription;
  handle(request: PublicRequest): Promise<void>;
}
