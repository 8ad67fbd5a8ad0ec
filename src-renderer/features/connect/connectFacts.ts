/** This server as programs reach it, and the organization that they are for. */
export interface ConnectFacts {
  /** `https://kradle.example.com`, as the browser reached it. */
  readonly origin: string;
  /** In front of `/ORG/REPOSITORY.git`. */
  readonly gitBaseUrl: string;
  readonly org: string;
  /** Where the administrator's token lies on the server's machine; undefined for whom it is not. */
  readonly tokenFile: string | undefined;
}
