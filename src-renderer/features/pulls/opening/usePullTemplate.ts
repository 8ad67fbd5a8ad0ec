import { useQuery } from '@tanstack/react-query';
import { isApiError, type ApiError } from '../../../api/errors';
import { fetchRpc } from '../../../api/rpc';

/** Where a repository keeps the words that a description begins with; the first that is there counts. */
const PLACES = ['.kradle/pull_request_template.md', '.github/pull_request_template.md', '.github/PULL_REQUEST_TEMPLATE.md', 'docs/pull_request_template.md', 'pull_request_template.md', 'PULL_REQUEST_TEMPLATE.md'];

/** The template of the target branch; undefined while it is looked for, and where there is none. */
export function usePullTemplate(of: { org: string; repository: string; base: string }): string | undefined {
  const { org, repository, base } = of;
  return useQuery<string | null, ApiError>({
    queryKey: ['pull-template', of],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      // One request: what is asked for in the same moment goes together.
      const texts = await Promise.all(
        PLACES.map((path) =>
          fetchRpc('repositories.blob', { org, repository, ref: base, path }, signal).then(
            (blob) => blob.text,
            (error: unknown) => {
              if (isApiError(error, 'NotFound')) return undefined;
              throw error;
            },
          ),
        ),
      );
      return texts.find((text) => text !== undefined) ?? null;
    },
  }).data ?? undefined;
}
