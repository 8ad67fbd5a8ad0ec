import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment, runProcess, type ProcessResult } from '../harness/runProcess';
import { tempDir, type TempDir } from '../harness/tempDir';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A checkout in small: the launcher and its build as they are, a command of one line. */
let checkout: TempDir;
beforeEach(async () => {
  checkout = await tempDir();
  await cp(join(root, 'bin'), join(checkout.path, 'bin'), { recursive: true });
  await cp(join(root, 'scripts'), join(checkout.path, 'scripts'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(checkout.path, 'node_modules'));
  await mkdir(join(checkout.path, 'src-server/cli'), { recursive: true });
  await writeFile(join(checkout.path, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(checkout.path, 'vite.config.ts'),
    `export default { build: { ssr: 'src-server/cli/kradle.ts', outDir: 'dist/server', rolldownOptions: { output: { entryFileNames: 'kradle.js' } } } };`,
  );
  await command('process.stdout.write(`first ${process.argv[2]}\\n`);');
});
afterEach(() => checkout[Symbol.asyncDispose]());

async function command(source: string): Promise<void> {
  await writeFile(join(checkout.path, 'src-server/cli/kradle.ts'), source);
}

async function kradle(env: Record<string, string> = {}): Promise<ProcessResult> {
  return runProcess(process.execPath, [join(checkout.path, 'bin/kradle.mjs'), 'hello'], { env: { ...cleanEnvironment(checkout.path), ...env } });
}

async function builtAt(): Promise<number> {
  return (await stat(join(checkout.path, 'dist/server/kradle.js'))).mtimeMs;
}

describe('bin/kradle.mjs in a clone', () => {
  it('builds what is not built, then only what changed', async () => {
    expect(await kradle()).toMatchObject({ code: 0, stdout: 'first hello\n' });
    const first = await builtAt();
    expect((await kradle()).stdout).toBe('first hello\n');
    expect(await builtAt()).toBe(first);
    await writeFile(join(checkout.path, 'src-server/cli/x.test.ts'), 'a test is no input');
    await kradle();
    expect(await builtAt()).toBe(first);
    const chunk = join(checkout.path, 'dist/server/chunk-of-a-running-server.js');
    const forgotten = join(checkout.path, 'dist/server/chunk-of-last-month.js');
    for (const file of [chunk, forgotten]) await writeFile(file, '');
    await utimes(forgotten, 0, 0);
    await command('process.stdout.write("second\\n");');
    expect((await kradle()).stdout).toBe('second\n');
    expect([existsSync(chunk), existsSync(forgotten)]).toEqual([true, false]);
    await rm(join(checkout.path, 'dist/server/kradle.js'));
    expect((await kradle()).stdout).toBe('second\n');
  });

  it('says that a build failed, and keeps what was built', async () => {
    await kradle();
    await command('this is not TypeScript');
    const { code, stdout, stderr } = await kradle();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Building the server failed');
    expect(await readFile(join(checkout.path, 'dist/server/kradle.js'), 'utf8')).toContain('first');
    expect((await kradle({ KRADLE_SKIP_BUILD: '1' })).stdout).toBe('first hello\n');
  });

  it('builds once when two start at the same time, and leaves nothing behind', async () => {
    const results = await Promise.all([kradle(), kradle(), kradle()]);
    expect(results.map((result) => [result.code, result.stdout])).toEqual(Array.from({ length: 3 }, () => [0, 'first hello\n']));
    expect((await readdir(join(checkout.path, 'dist'))).sort()).toEqual(['.server.stamp', 'server']);
  });

  it('does not wait for a build whose process died', async () => {
    const dead = await runProcess(process.execPath, ['-p', 'process.pid']);
    await mkdir(join(checkout.path, 'dist'));
    await writeFile(join(checkout.path, 'dist/.build-lock'), dead.stdout.trim());
    expect((await kradle()).stdout).toBe('first hello\n');
  });
});

describe('the package', () => {
  it('holds the command and the console and nothing else, and runs with its own dependencies alone', async () => {
    const packed = await runProcess('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', checkout.path], { cwd: root, env: cleanEnvironment(checkout.path) });
    const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'bin/kradle.mjs', 'dist/server/kradle.js', 'dist/renderer/index.html']));
    // npm packs what "main" names: Electron's entry, when it was built.
    expect(paths.filter((path) => !/^(bin\/|dist\/(server|renderer)\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$|dist\/main\/main\.js$)/.test(path) || path.endsWith('.map'))).toEqual([]);

    const installed = join(checkout.path, 'installed');
    await mkdir(installed);
    await runProcess('tar', ['-xzf', join(checkout.path, filename), '-C', installed, '--strip-components=1']);
    // What is installed beside it is not in it: native code, and libraries whose license lets people put another version in their place.
    const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const bundled = [...(await readFile(join(installed, 'dist/server/licenses.md'), 'utf8')).matchAll(/^## (\S+) - \S+ \((.*)\)$/gm)].map(([, name = '', license = '']) => ({ name, license }));
    expect(bundled.length).toBeGreaterThan(10);
    expect(bundled.filter(({ name, license }) => Object.hasOwn(dependencies, name) || /GPL/.test(license))).toEqual([]);
    // What npm would install beside it: the dependencies of the package, and theirs.
    await mkdir(join(installed, 'node_modules'));
    for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path']) await symlink(join(root, 'node_modules', name), join(installed, 'node_modules', name));
    const version = await runProcess(process.execPath, [join(installed, 'bin/kradle.mjs'), 'version'], { env: cleanEnvironment(checkout.path) });
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kradle \d/) as string, stderr: '' });
    const served = await serveOnce(join(installed, 'bin/kradle.mjs'));
    expect(served).toContain('<title>Kradle');
  });
});

/** Starts the installed command, reads the console's page and stops it. */
async function serveOnce(program: string): Promise<string> {
  const child = spawn(process.execPath, [program, 'serve', '--json', '--port', '0', '--data-dir', join(checkout.path, 'data')], { env: cleanEnvironment(checkout.path), stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('close', resolve));
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const { signInLink } = JSON.parse(String(chunk)) as { signInLink: string };
      const signIn = await fetch(signInLink, { redirect: 'manual' });
      const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      const page = await fetch(new URL('/', signInLink), { headers: { cookie, accept: 'text/html' } });
      return await page.text();
    }
    return '';
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}
