/** Only paths of our own: an open redirect would send people from a Kradle link to anywhere. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && next.length <= 2048 && /^\/(?![/\\])[\w\-./~%?=&:@+,#]*$/.test(next) ? next : '/';
}
