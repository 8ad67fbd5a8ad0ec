import { useQuery } from '@tanstack/react-query';
import type { SignatureView } from '#shared/api/pushPolicies';
import { fetchRpc } from '../../api/rpc';

export interface SignatureRef {
  readonly org: string;
  readonly repository: string;
  readonly sha: string;
}

interface Waiting extends SignatureRef {
  readonly answer: (view: SignatureView | null) => void;
  readonly fail: (error: unknown) => void;
}

const MAX_AT_ONCE = 200;
let waiting: Waiting[] = [];

/** What many badges ask while a page is drawn goes to the server as one question per repository. */
export const signatureQuestion = {
  useSignature(ref: SignatureRef): SignatureView | undefined {
    const { data } = useQuery({ queryKey: ['signature', ref.org, ref.repository, ref.sha], queryFn: () => ask(ref), staleTime: 60_000, retry: false });
    return data ?? undefined;
  },
};

function ask(ref: SignatureRef): Promise<SignatureView | null> {
  return new Promise((answer, fail) => {
    if (waiting.length === 0) setTimeout(send, 0);
    waiting.push({ ...ref, answer, fail });
  });
}

function send(): void {
  const groups = new Map<string, Waiting[]>();
  for (const each of waiting) groups.set(`${each.org}/${each.repository}`, [...(groups.get(`${each.org}/${each.repository}`) ?? []), each]);
  waiting = [];
  for (const group of groups.values()) for (let start = 0; start < group.length; start += MAX_AT_ONCE) void answerAll(group.slice(start, start + MAX_AT_ONCE));
}

async function answerAll(group: readonly Waiting[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  try {
    const { signatures } = await fetchRpc('repositories.signatures', { org: first.org, repository: first.repository, sha: [...new Set(group.map(({ sha }) => sha))].join(',') });
    for (const { sha, answer } of group) answer(signatures[sha] ?? null);
  } catch (error) {
    for (const { fail } of group) fail(error);
  }
}
