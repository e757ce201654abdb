import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { killAll, start } from '../support/processes.ts';
import { root } from '../support/snippets.ts';

// The examples import the package by its name, which is the built one.
const skip = existsSync(join(root, 'dist', 'index.js')) ? false : 'npm run build first';
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'mapfile-examples-'));
});
after(async () => {
  await killAll();
  rmSync(folder, { recursive: true, force: true });
});

const example = (name: string, ...args: string[]) =>
  start(`../../examples/${name}.ts`, { from: import.meta.url, args }).ended;

describe('file-writer and file-reader', { skip }, () => {
  it('write the numbers into a file, and print them', async () => {
    const path = join(folder, 'numbers');
    const written = await example('file-writer', path);
    assert.deepEqual([written.code, written.stderr], [0, '']);
    assert.equal(written.stdout.trim(), `Wrote 1024 numbers to ${path}`);
    const file = readFileSync(path);
    assert.deepEqual([file.byteLength, file.readInt32LE(0), file.readInt32LE(4092)], [4096, 0, 1023]);
    const read = await example('file-reader', path);
    assert.deepEqual([read.code, read.stderr], [0, '']);
    assert.deepEqual(
      read.stdout.trim().split(/\s+/),
      Array.from({ length: 1024 }, (_, i) => String(i)),
    );
  });

  for (const name of ['file-writer', 'file-reader']) {
    it(`${name} without a path says how it is used`, async () => {
      const { code, stderr, stdout } = await example(name);
      assert.deepEqual([code, stderr.trim(), stdout], [2, `Usage: ${name} PATH`, '']);
    });
  }

  it('file-reader says what is wrong with the path', async () => {
    const { code, stderr } = await example('file-reader', join(folder, 'missing'));
    assert.equal(code, 1);
    assert.match(stderr, /ERR_NAME_NOT_FOUND/);
  });
});
