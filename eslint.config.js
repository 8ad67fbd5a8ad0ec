import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { layering, noKindNames } from './scripts/lint/layering.mjs';

const TYPESCRIPT = ['**/*.{ts,tsx}'];
const SCRIPTS = ['**/*.{js,mjs}'];
const TESTS = ['**/*.test.{ts,tsx}', 'test/**'];
const CONFIGS = ['*.config.{ts,js}'];

/** `agentStack.ts` declares AgentStack; `sshKey.ts` SSHKey is spelled by hand. */
const kindNames = readdirSync(fileURLToPath(new URL('shared/kinds', import.meta.url)), { recursive: true })
  .filter((file) => String(file).endsWith('.ts'))
  .map((file) => basename(String(file), '.ts'))
  .filter((name) => /^[a-z][A-Za-z]+$/.test(name) && name !== 'index')
  .map((name) => name.charAt(0).toUpperCase() + name.slice(1).replace(/^shKey$/, 'SHKey'));

export default defineConfig(
  { ignores: ['dist/', 'release/', 'coverage/', 'node_modules/', 'test/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { kradle: { rules: { layering, 'no-kind-names': noKindNames(kindNames) } } },
    languageOptions: {
      parserOptions: { project: ['./tsconfig.node.json', './tsconfig.web.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'kradle/layering': 'error',

      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'max-params': ['error', { max: 3 }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A method of a port is async whether or not this implementation waits.
      '@typescript-eslint/require-await': 'off',
      // `org: string | '*'` says more than `string`.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // Objects from outside are put into messages as they are.
      '@typescript-eslint/no-base-to-string': 'off',

      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings are read once, in src-server/app/config.ts; take them as an argument.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
      ],
    },
  },
  {
    files: ['src-server/{store,resources,runtime,http,rpc,api}/**/*.ts', 'src-renderer/{ui,resource}/**/*.{ts,tsx}', 'shared/kind/**/*.ts'],
    ignores: TESTS,
    rules: { 'kradle/no-kind-names': 'error' },
  },
  {
    // Doors into the process: the environment is theirs to read.
    files: ['src-server/app/config.ts', 'src-server/cli/**', 'src-server/runner/**', 'src-server/demo/**', 'src-main/**', ...TESTS, ...CONFIGS],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', { max: 800 }],
      // Answers of a server are read as they come; a wrong guess fails the test.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: CONFIGS, rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['src-renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
    languageOptions: { globals: globals.browser },
    rules: {
      // An event handler may be async: React ignores what it returns, and errors go to the mutation's own handler.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // TanStack Table and Virtual keep their own state; the compiler that this warns about is not used.
      'react-hooks/incompatible-library': 'off',
    },
  },
  { files: ['src-renderer/public/**/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: SCRIPTS,
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
);
