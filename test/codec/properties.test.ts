/** What holds for every codec, for random values, at aligned and unaligned places. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { allowCode } from '../../src/codec/code.ts';
import { type AnyCodec, type Codec, structClass, type Target, target } from '../../src/codec/index.ts';
import { LEAVES } from './support/leaves.ts';
import { type RandomCodec, randomCodec, replaced, type Spot } from './support/random-codecs.ts';
import { leafOf } from './support/random-values.ts';

const OFFSETS = [0, 8, 3];
const FILL = 0xa5;
const ABIS = ['msvc64', 'msvc32', 'sysv64', 'sysv32'] as const;

type AnyUse = Codec<unknown, unknown, unknown>;
interface LiveWithin {
  it: unknown;
  snapshot(): { it: unknown };
  assign(value: unknown): void;
}
const used = (codec: AnyCodec) => codec as unknown as AnyUse;

/** `around` bytes of a known pattern with the value's place in their midst. */
function memoryFor(codec: { byteLength: number }, offset: number): Uint8Array {
  return new Uint8Array(offset + codec.byteLength + 9).fill(FILL);
}

/** What has been written where it should be, and nowhere else. */
function assertBytes(memory: Uint8Array, offset: number, bytes: Uint8Array): void {
  const expected = new Uint8Array(memory.length).fill(FILL);
  expected.set(bytes, offset);
  assert.deepEqual(memory, expected);
}

describe('every codec of one value', () => {
  for (const abi of ABIS) {
    const t = target(abi);
    for (const leaf of LEAVES) {
      it(`${leaf.name} (${abi}) writes the bytes of C and reads them back, in every way there is`, () => {
        const codec = used(leaf.codec(t));
        const Within = t.struct('within', { before: t.u8, it: leaf.codec(t), after: t.u8 }, { pack: 1 });
        const List = t.array(leaf.codec(t), 3);
        fc.assert(
          fc.property(leaf.value, (value) => {
            const bytes = leaf.bytes(value as never, t);
            const expected = leaf.expected ? leaf.expected(value) : value;
            for (const offset of OFFSETS) {
              const memory = memoryFor(codec, offset);
              codec.write(memory, offset, value);
              assertBytes(memory, offset, bytes);
              assert.deepEqual(codec.read(new DataView(memory.buffer), offset), expected);

              const around = memoryFor(Within, offset);
              used(Within).write(around, offset, { before: 1, it: value, after: 2 });
              assert.deepEqual(around.slice(offset + 1, offset + 1 + bytes.length), bytes);
              assert.deepEqual(used(Within).read(around, offset), { before: 1, it: expected, after: 2 });
              const live = Within.live(memoryFor(Within, offset), offset) as unknown as LiveWithin;
              live.it = value;
              assert.deepEqual(live.snapshot().it, expected);

              const list = memoryFor(List, offset);
              used(List).write(list, offset, [value, value, value]);
              assert.deepEqual(used(List).read(list, offset), [expected, expected, expected]);
              assert.deepEqual(list.slice(offset + codec.byteLength).slice(0, bytes.length), bytes);
            }
          }),
          { numRuns: 25 },
        );
      });

      it(`${leaf.name} (${abi}) refuses what it does not hold and leaves the memory alone`, () => {
        const codec = used(leaf.codec(t));
        const Within = t.struct('within', { before: t.u8, it: leaf.codec(t) });
        const List = t.array(leaf.codec(t), 2);
        const good = fc.sample(leaf.value, { numRuns: 1, seed: 5 })[0];
        for (const wrong of leaf.wrong) {
          const refused = (make: AnyCodec, path: string, run: (memory: Uint8Array) => void) => {
            const memory = memoryFor(make, 3);
            assert.throws(() => run(memory), isRefusal(path), `${String(wrong)} ${path}`);
            assertBytes(memory, 0, new Uint8Array());
          };
          refused(codec, codec.name, (memory) => codec.write(memory, 3, wrong));
          refused(Within, 'within.it', (memory) => used(Within).write(memory, 3, { before: 1, it: wrong }));
          refused(List, `${List.name}[1]`, (memory) => used(List).write(memory, 3, [good, wrong]));
          const live = (memory: Uint8Array) => Within.live(memory, 3) as unknown as LiveWithin;
          refused(Within, 'within.it', (memory) => live(memory).assign({ before: 1, it: wrong }));
          refused(Within, 'within.it', (memory) => {
            live(memory).it = wrong;
          });
        }
      });
    }
  }
});

describe('every codec of one value, many times', () => {
  const t = target('sysv64');
  for (const leaf of LEAVES) {
    it(`${leaf.name} stands in flexible arrays, in sections of any stride, in classes`, () => {
      const element = leaf.codec(t);
      const List = t.struct('list', { n: t.u32, items: t.flexible(element, 'n') });
      const place = { offset: 'offset', stride: 'stride', count: 'count' };
      const Header = t.struct('header', {
        offset: t.u32,
        stride: t.u32,
        count: t.u32,
        items: t.section(element, place),
      });
      class Thing extends structClass(t.struct('thing', { kind: t.u8, it: element })) {
        own(): unknown {
          return this.it;
        }
      }
      const gap = fc.integer({ min: 0, max: 9 });
      fc.assert(
        fc.property(fc.array(leaf.value, { maxLength: 3 }), gap, gap, (items, extra, before) => {
          const expected = leaf.expected ? items.map((item) => leaf.expected!(item)) : items;
          const stride = element.byteLength + extra;
          for (const offset of OFFSETS) {
            const check = (codec: AnyCodec, head: object, start: number, step: number) => {
              const memory = new Uint8Array(offset + start + items.length * step + 1).fill(FILL);
              used(codec).write(memory, offset, { ...head, items });
              assert.deepEqual(used(codec).read(memory, offset), { ...head, items: expected });
              const live = codec.live(memory, offset) as { items: { length: number; toArray(): unknown } };
              assert.equal(live.items.length, items.length);
              assert.deepEqual(live.items.toArray(), expected);
              for (const [i, item] of items.entries()) {
                const [at, bytes] = [offset + start + i * step, leaf.bytes(item as never, t)];
                assert.deepEqual(memory.slice(at, at + bytes.length), bytes);
              }
              assert.equal(memory.at(-1), FILL);
            };
            check(List, { n: items.length }, List.offsetOf('items'), element.byteLength);
            const start = Header.byteLength + before;
            check(Header, { offset: start, stride, count: items.length }, start, stride);
            if (items.length === 0) continue;
            const thing = Thing.live(new Uint8Array(offset + Thing.byteLength), offset);
            (thing as { it: unknown }).it = items[0];
            assert.deepEqual((thing.snapshot() as { it: unknown }).it, expected[0]);
            if (!leaf.name.startsWith('atomic') && leaf.name !== 'bytes') assert.deepEqual(thing.own(), expected[0]);
          }
        }),
        { numRuns: 20 },
      );
    });
  }
});

function isRefusal(path: string): (error: Error) => boolean {
  return (error) =>
    (error instanceof TypeError || error instanceof RangeError) && error.message.startsWith(`Cannot write ${path}`);
}

for (const code of [true, false]) {
  describe(`random structs, ${code ? 'by generated code' : 'by closures'}`, () => {
    before(() => allowCode(code));
    after(() => allowCode(true));

    const draws = (numRuns: number, check: (random: RandomCodec, t: Target, offset: number) => void) =>
      fc.assert(
        fc.property(fc.gen(), fc.constantFrom(...ABIS), fc.constantFrom(...OFFSETS), (g, abi, offset) =>
          check(randomCodec(g, target(abi), 3), target(abi), offset),
        ),
        // Shrinking what `gen` draws takes hours; the seed that is printed draws it again.
        { numRuns, endOnFailure: true },
      );

    it('have each member’s bytes at its place and touch no other bit', () => {
      draws(200, ({ codec, value, expected, spots, hasUnion }, _, offset) => {
        const memory = memoryFor(codec, offset);
        used(codec).write(memory, offset, value);
        const rest = memory.slice();
        for (const spot of spots) assertSpot(codec, spot, memory, rest, offset);
        assert.deepEqual(rest, new Uint8Array(memory.length).fill(FILL), 'what belongs to no member is as it was');
        const live = used(codec).live(memory, offset) as { snapshot(): unknown; assign(value: unknown): void };
        if (!hasUnion) {
          assert.deepEqual(used(codec).read(memory, offset), expected);
          assert.deepEqual(live.snapshot(), expected);
        }
        const other = memoryFor(codec, offset);
        (used(codec).live(other, offset) as typeof live).assign(value);
        assert.deepEqual(other, memory);
        // The way of many writes.
        for (let i = 0; i < 300; i += 1) used(codec).write(memory, offset, value);
        assert.deepEqual(other, memory);
      });
    });

    it('refuse one wrong value anywhere, name its path, and write nothing', () => {
      draws(120, (random, _, offset) => {
        const { codec, value, spots, objects } = random;
        const memory = memoryFor(codec, offset);
        used(codec).write(memory, offset, value);
        const before = memory.slice();
        const live = used(codec).live(memory, offset) as Record<string, unknown> & { assign(value: unknown): void };
        const refused = (path: string, other: unknown) => {
          const spoilt = replaced(value, path, other) as Record<string, unknown>;
          const what = `${codec.name}${path} = ${String(other)}`;
          assert.throws(() => used(codec).write(memory, offset, spoilt), isRefusal(codec.name + path), what);
          assert.throws(() => live.assign(spoilt), isRefusal(codec.name + path), what);
          const key = /^\.(\w+)/.exec(path)?.[1];
          if (key) assert.throws(() => Object.assign(live, { [key]: spoilt[key] }), isRefusal(codec.name + path), what);
          assert.deepEqual(memory, before, `nothing written: ${what}`);
        };
        for (const round of [1, 2]) {
          for (const { path, wrong } of spots) for (const other of wrong) refused(path, other);
          for (const path of objects) {
            for (const other of [null, 5, 'text']) if (path !== '') refused(path, other);
            if (round > 1) continue;
            const inner = path === '' ? value : leafOf(value, path);
            refusedUnknown(codec, path, { ...(inner as object), stray: 1 }, random, memory, offset);
          }
          assert.deepEqual(memory, before);
          // Past the first writes, which look at everything.
          for (let i = 0; i < 300; i += 1) used(codec).write(memory, offset, value);
        }
      });
    });
  });
}

function refusedUnknown(
  codec: AnyCodec,
  path: string,
  inner: unknown,
  { value }: RandomCodec,
  memory: Uint8Array,
  offset: number,
): void {
  const spoilt = replaced(value, path, inner);
  const message = (error: Error) =>
    error.message.startsWith(`Cannot write ${codec.name}${path}: value is an object with the unknown field "stray"`);
  assert.throws(() => used(codec).write(memory, offset, spoilt), message);
  assert.throws(() => (used(codec).live(memory, offset) as { assign(x: unknown): void }).assign(spoilt), message);
}

/** Compares the bytes of a member with C's, and blanks them in `rest`. */
function assertSpot(codec: AnyCodec, spot: Spot, memory: Uint8Array, rest: Uint8Array, offset: number): void {
  const path = spot.path.replace(/^\./, '');
  if (spot.bytes) {
    const at = offset + codec.offsetOf(path);
    assert.deepEqual(memory.slice(at, at + spot.bytes.length), spot.bytes, `${codec.name}.${path}`);
    rest.fill(FILL, at, at + spot.bytes.length);
  }
  if (!spot.bits) return;
  const { width, raw } = spot.bits;
  const start = codec.bitOffsetOf(path);
  let found = 0n;
  for (let i = 0; i < width; i += 1) {
    const [byte, bit] = [offset + Math.floor((start + i) / 8), (start + i) % 8];
    found |= BigInt((memory[byte]! >> bit) & 1) << BigInt(i);
    rest[byte] = (rest[byte]! & ~(1 << bit)) | (FILL & (1 << bit));
  }
  assert.equal(found, raw, `${codec.name}.${path}`);
}
