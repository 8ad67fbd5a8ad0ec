/** What holds beside the rows of `rules.ts`, whatever role somebody has. A limit refuses; it never allows. */
export interface AccessLimit {
  readonly id: string;
  /** What is limited, as a sentence. */
  readonly title: string;
  readonly why: string;
}

export const ACCESS_LIMITS = {
  members: { id: 'members', title: 'Who is no member of an organization cannot tell that it exists.', why: 'Organizations share an installation, nothing else.' },
  hidden: { id: 'private-repository', title: 'Who may not read a repository cannot tell that it exists, nor see, make or change what names it.', why: 'The name of a thing says much about it.' },
  suspended: { id: 'suspended', title: 'A suspended organization can be read and not written to, but by administrators of the installation; its owner can resume it.', why: 'What is suspended stays as it is until somebody has looked at it.' },
  scope: { id: 'token-scope', title: 'A token does what its scopes cover, and no more than its account may.', why: 'A token lies around in files.' },
  escalation: { id: 'no-escalation', title: 'Nobody gives a role, a permission or a binding that is more than they have, or takes one away from somebody who has more.', why: 'Else every administrator were an owner.' },
  self: { id: 'not-oneself', title: 'Nobody changes their own role, teams, groups or standing.', why: 'Somebody else has to agree.' },
  installation: { id: 'installation-default', title: 'How people sign in, and who administers the installation, is for its administrators alone.', why: 'It decides about every organization.' },
  run: { id: 'run-self', title: 'The token of a run reads that run; what its runner reports goes through the runner\'s own addresses.', why: 'An agent has what its run and its grants give.' },
  deployKey: { id: 'deploy-key', title: 'A deploy key fetches from its one repository, and pushes to it unless it is read-only.', why: 'It lies on a machine, and says nothing of who uses it.' },
  system: { id: 'system', title: 'Controllers do their work in the name of the system.', why: 'They carry out what people asked for.' },
  binding: { id: 'role-binding', title: 'A service account may do what its role bindings list, in Kubernetes\' words.', why: 'An agent gets exactly what it needs.' },
} as const satisfies Readonly<Record<string, AccessLimit>>;
