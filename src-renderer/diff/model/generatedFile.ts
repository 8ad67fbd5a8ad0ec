import type { DiffFile } from '#shared/api/git';

/** Lock files of package managers: written by a program, read by nobody. */
const LOCK_FILES = new Set([
  'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock', 'cargo.lock', 'go.sum', 'poetry.lock', 'pdm.lock', 'uv.lock',
  'pipfile.lock', 'gemfile.lock', 'composer.lock', 'mix.lock', 'pubspec.lock', 'podfile.lock', 'package.resolved', 'flake.lock', 'packages.lock.json', 'gradle.lockfile', 'chart.lock',
]);
const GENERATED_NAME = /(\.min\.(js|css|mjs)|\.(js|css)\.map|\.pb\.(go|cc|h)|_pb2(_grpc)?\.pyi?|\.g\.dart|\.freezed\.dart|\.designer\.cs|\.generated\.[a-z]+)$/i;
const GENERATED_FOLDER = /(^|\/)(node_modules|__generated__|bower_components)\//;
/** How generators mark what they write, within the first lines (Go: https://go.dev/s/generatedcode). */
const MARK = /@generated\b|^\W*Code generated .* DO NOT EDIT\.?\W*$/;
const MARK_LINES = 5;

/** Whether a program wrote the file, so that its diff starts folded: known by its name, or by the mark in its first lines. */
export function isGeneratedFile(file: DiffFile): boolean {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1).toLowerCase();
  if (LOCK_FILES.has(name) || GENERATED_NAME.test(name) || GENERATED_FOLDER.test(file.path)) return true;
  const first = file.hunks[0];
  return first !== undefined && first.newStart <= 1 && first.lines.slice(0, MARK_LINES).some((line) => MARK.test(line.text));
}
