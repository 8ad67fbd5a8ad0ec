/** What an object may be called whose title people give: "Core Team (EU)" -> "core-team-eu". */
export function nameFrom(title: string): string {
  const name = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 63);
  return name.replace(/^-|-$/g, '');
}
