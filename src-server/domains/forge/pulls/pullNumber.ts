import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';

/** The name of a pull request says its repository and number; being unique is what makes the number unique. */
export function pullName(repository: string, number: number): string {
  return `${repository}-${number}`;
}

/** The number in a pull request's name; undefined when the name is of another form. */
export function numberInName(repository: string, name: string): number | undefined {
  const digits = name.startsWith(`${repository}-`) ? name.slice(repository.length + 1) : '';
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** The number that the repository's next pull request gets, as far as can be read; creating the object under its name decides. */
export async function nextPullNumber(resources: ResourceClient, org: string, repository: string): Promise<number> {
  const found = await resources.find(Repository, { org, name: repository });
  let number = found?.status?.nextNumber ?? 1;
  // The counter is raised after the object is there; a crash in between leaves it behind.
  while ((await resources.find(PullRequest, { org, name: pullName(repository, number) })) !== undefined) number += 1;
  return number;
}
