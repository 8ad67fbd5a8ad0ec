import { describe, expect, it } from 'vitest';
import { parseEnv } from './parseEnv';

describe('parseEnv', () => {
  it('reads what people paste', () => {
    expect(parseEnv('# keys\nexport TOKEN=abc=def\n\nNAME="two words"\nPEM="a\\nb"\nRAW=\'$x\'\n')).toEqual({ TOKEN: 'abc=def', NAME: 'two words', PEM: 'a\nb', RAW: '$x' });
  });

  it.each(['just a token', '-----BEGIN KEY-----\nabc=\n-----END KEY-----', '', '# nothing'])('is no list of names: %j', (text) => {
    expect(parseEnv(text)).toBeUndefined();
  });
});
