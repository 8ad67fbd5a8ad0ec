/** Whether an `Accept-Encoding` header takes gzip (RFC 9110, section 12.5.3). `gzip;q=0` refuses it, whatever `*` says. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map(header.split(',').map((each): [string, number] => {
    const [coding = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return [coding, quality === undefined ? 1 : Number(quality.slice(2))];
  }));
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
