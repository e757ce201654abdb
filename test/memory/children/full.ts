/** In a /dev/shm of a quarter MiB: what it says when that is full, and what is left. Touching all of it must not kill. */
import { readdirSync } from 'node:fs';
import { MapFile, MappedView, struct, u32 } from '../../../src/index.ts';
import { held } from '../../support/resources.ts';

const KIB = 1024;
const attempts: object[] = [];
function attempt(byteLength: number, make: (name: string) => unknown): void {
  try {
    make(`full-${attempts.length}`);
    attempts.push({});
  } catch (error) {
    const { code, errno, syscall, message, context } = error as Error & Record<string, unknown>;
    attempts.push({ byteLength, code, errno, syscall, message, context });
  }
}

const fits = MappedView.create('fits', 64 * KIB);
// The first failure binds what later ones use.
attempt(1024 * KIB, (name) => MappedView.create(name, 1024 * KIB));
const before = held();
attempt(1024 * KIB, (name) => MappedView.create(name, 1024 * KIB, { initial: new Uint8Array(8) }));
attempt(1024 * KIB, (name) => MappedView.openOrCreate(name, 1024 * KIB));
attempt(192 * KIB, (name) => MappedView.create(name, 192 * KIB));
attempt(1024 * KIB, (name) => MappedView.createFile(`/dev/shm/${name}`, 1024 * KIB));
attempt(1024 * KIB, (name) =>
  MappedView.openFile(`/dev/shm/${name}`, { create: true, access: 'readwrite', byteLength: 1024 * KIB }),
);
const grows = MappedView.createFile('/dev/shm/grows', 4 * KIB, { initial: new Uint8Array([7]) });
attempt(1024 * KIB, () => grows.resize(1024 * KIB));
const kept = [grows.byteLength, grows.bytes()[0]];
grows.close();
const now = held();

fits.fill(1);
// Fills what is left page by page, and touches each byte of it.
const pages: MappedView<'readwrite'>[] = [];
let full: unknown;
while (full === undefined) {
  try {
    const page = MappedView.create(`page-${pages.length}`, 4000);
    page.fill(pages.length & 255);
    pages.push(page);
  } catch (error) {
    full = (error as { code?: string }).code;
  }
}
// A full folder also has no room for the registry that locks need.
let object: unknown;
try {
  MapFile.create('object', struct('one', { value: u32 })).close();
  object = 'made';
} catch (error) {
  object = (error as { code?: string }).code;
}
for (const page of pages) page.close();
fits.close();
const left = readdirSync('/dev/shm');
console.log(JSON.stringify({ attempts, kept, before, now, full, pages: pages.length, object, left }));
