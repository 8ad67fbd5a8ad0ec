/** Who may see a repository, for a choice. */
export const VISIBILITIES = [
  { value: 'private', label: 'Private', description: 'Those who were given access' },
  { value: 'internal', label: 'Internal', description: 'Everybody of the organization' },
  { value: 'public', label: 'Public', description: 'Everybody who is signed in' },
] as const;
