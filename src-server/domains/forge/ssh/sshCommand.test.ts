import { expect, it } from 'vitest';
import { parseSshCommand } from './sshCommand';

it.each([
  ['git-upload-pack \'/default/app.git\'', { service: 'git-upload-pack', org: 'default', repository: 'app' }],
  ['git-upload-pack \'default/app\'', { service: 'git-upload-pack', org: 'default', repository: 'app' }],
  ['git-receive-pack default/app.git', { service: 'git-receive-pack', org: 'default', repository: 'app' }],
  ['git receive-pack "default/app.git/"', { service: 'git-receive-pack', org: 'default', repository: 'app' }],
  ['git-upload-archive \'default/a.b-c.git\'', { service: 'git-upload-archive', org: 'default', repository: 'a.b-c' }],
  ['git-lfs-authenticate default/app.git upload', { service: 'git-lfs-authenticate', org: 'default', repository: 'app', operation: 'upload' }],
  ['git-lfs-authenticate \'/default/app.git\' download 98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4', { service: 'git-lfs-authenticate', org: 'default', repository: 'app', operation: 'download' }],
])('reads %s', (line, command) => {
  expect(parseSshCommand(line)).toEqual(command);
});

it.each([
  ['', 'no shell'],
  ['bash -i', 'no command "bash"'],
  ['git-shell', 'no shell'],
  ['git-lfs-transfer default/app.git upload', 'no command'],
  ['git-upload-pack', 'no repository'],
  ['git-upload-pack \'default/--upload-pack=touch x\'', 'no repository'],
  ['git-upload-pack --strict \'default/app.git\'', 'no repository'],
  ['git-upload-pack \'../../etc/passwd\'', 'no repository'],
  ['git-upload-pack \'default/../other/app.git\'', 'no repository'],
  ['git-upload-pack \'default/..\'', 'no repository'],
  ['git-upload-pack \'default/.git\'', 'no repository'],
  ['git-upload-pack \'default/a/b.git\'', 'no repository'],
  ['git-upload-pack \'default/app.git\' --exec=x', 'nothing else'],
  ['git-upload-pack \'default/app.git\'; id', 'no repository'],
  ['git-upload-pack \'default/app.git', 'quotes do not match'],
  ['git-upload-pack \'default/app.git\'\nid', 'cannot be read'],
  ['git-upload-pack \'default/$(id).git\'', 'no repository'],
  ['git-lfs-authenticate default/app.git delete', 'download'],
  [`git-upload-pack '${'a'.repeat(3000)}'`, 'too long'],
])('refuses %s', (line, words) => {
  expect(parseSshCommand(line)).toEqual({ problem: expect.stringContaining(words) as string });
});
