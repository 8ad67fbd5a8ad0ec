import type { Config } from './config';

/** Where people, git and runners reach the server. */
export interface ServerAddress {
  /** Without a slash at the end; empty until the server listens, where no setting says it. */
  baseUrl(): string;
  /** Says where the server turned out to listen. */
  listensAt(url: string): void;
}

export function createServerAddress({ publicUrl }: Pick<Config, 'publicUrl'>): ServerAddress {
  let listening = '';
  return {
    baseUrl: () => publicUrl?.replace(/\/+$/, '') ?? listening,
    listensAt(url) {
      listening = url;
    },
  };
}
