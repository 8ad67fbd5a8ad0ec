import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Review } from '#shared/kinds/forge/review';

export type PullRequestObject = ObjectOf<typeof PullRequest>;
export type ReviewObject = ObjectOf<typeof Review>;
