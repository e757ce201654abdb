/**
 * Runs the test files under node:test: `run-tests.ts [path fragment …]` keeps the files whose path contains a fragment.
 * Lists the files itself because Node 20's `--test` knows no globs; strips types natively where Node can, by tsx elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fragments = process.argv.slice(2);

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => relative(process.cwd(), join(root, 'test', file)))
  .filter((file) => fragments.length === 0 || fragments.some((f) => file.replaceAll('\\', '/').includes(f)))
  .sort();

if (files.length === 0) {
  console.error(`No test file matches ${fragments.join(' ')}`);
  process.exit(1);
}

const strips = Boolean((process.features as { typescript?: unknown }).typescript);
const loader = strips ? [] : ['--import', 'tsx'];
const { status, signal } = spawnSync(
  process.execPath,
  [...loader, '--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=900000', ...files],
  { stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
);
if (signal) console.error(`node --test ended by ${signal}`);
process.exit(status ?? 1);
