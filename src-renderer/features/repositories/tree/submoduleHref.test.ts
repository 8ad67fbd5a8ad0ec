import { expect, it } from 'vitest';
import { submoduleHref } from './submoduleHref';

const at = { org: 'acme', repo: 'app', sha: 'a'.repeat(40), base: 'https://forge.test/git' };

it('leads to the commit here, to the other host, or nowhere', () => {
  expect(submoduleHref('../lib.git', at)).toEqual({ href: `/o/acme/repositories/lib/tree/${at.sha}`, here: true });
  expect(submoduleHref('../../other/lib', at)).toEqual({ href: `/o/other/repositories/lib/tree/${at.sha}`, here: true });
  expect(submoduleHref('https://forge.test/git/acme/x.git', at)?.here).toBe(true);
  expect(submoduleHref('git@github.com:a/b.git', at)).toEqual({ href: 'https://github.com/a/b.git', here: false });
  for (const bad of ['javascript:alert(1)', 'file:///etc', 'ext::sh -c x', '/srv/x', 'https://user:pw@host/x', undefined]) expect(submoduleHref(bad, at)).toBeUndefined();
});
