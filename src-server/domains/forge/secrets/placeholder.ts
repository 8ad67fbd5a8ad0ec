/** Values that documents and tests use in place of a secret, and that open nothing. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'sk_test_4eC39HqLyjWDarjtT1zdp7dc', 'sk_test_BQokikJOvBiI2HlWgH4olfQ2',
  // Azurite's, which is in every copy of it.
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
]);
const WORDS = /example|placeholder|changeme|change-me|your[_-]|xxxx|\*{4}|\.{4}|0123456789|1234567890|abcdefghij|dummy|fake|redacted|notreal|not-real/i;

/** Whether a text stands where a secret would, and is none. */
export function isPlaceholder(text: string): boolean {
  return WELL_KNOWN.has(text) || WORDS.test(text) || /(.)\1{7}/.test(text) || new Set(text).size < 6;
}

/** Bits for each character, by how often each occurs: 0 for one repeated, about 4 for hexadecimal digits, 6 at most for base64. */
export function shannonEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
