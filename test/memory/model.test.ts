/** Random sequences of members against a plain ArrayBuffer, closed at random times: equal, or a TypeError; never a crash. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { array, type Codec, f64, i16, i32, MappedView, struct, u8, u32, u64 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { held } from '../support/resources.ts';

const LENGTH = 300;
const Mixed = struct('mixed', { a: u8, b: i32, c: array(i16, 3), d: f64 });
const kinds = [Int8Array, Uint16Array, Int32Array, Float64Array, BigInt64Array] as const;

/** What happens to the memory: on the mapping and, with the same words, on a buffer of JavaScript. */
interface Sides {
  readonly view: MappedView<'readwrite'>;
  /** A second mapping of the same bytes, for reading. */
  readonly reader: MappedView<'read'>;
  readonly model: Uint8Array<ArrayBuffer>;
}

/** The outcome of `use`: its value, or the class of its error. */
function outcome(use: () => unknown): unknown {
  try {
    return use();
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${(error as Error).stack}`);
    return error.constructor.name;
  }
}

type Step = (sides: Sides) => readonly [mapped: unknown, model: unknown];

const both = (mapped: () => unknown, model: () => unknown) => [outcome(mapped), outcome(model)] as const;

/** One past the end and beyond, too. */
const offset = fc.integer({ min: 0, max: LENGTH + 8 });
const byte = fc.integer({ min: 0, max: 255 });
const data = (model: Uint8Array) => new DataView(model.buffer, model.byteOffset, model.byteLength);

/** What our ranges promise, in the words of arrays. */
function inside(at: number, length: number): void {
  if (at + length > LENGTH) throw new RangeError();
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(byte, offset, offset).map(
    ([value, at, length]): Step =>
      ({ view, model }) =>
        both(
          () => view.fill(value, { byteOffset: at, byteLength: length }),
          () => {
            inside(at, length);
            model.fill(value, at, at + length);
          },
        ),
  ),
  fc.tuple(offset, fc.uint8Array({ maxLength: 40 })).map(
    ([at, bytes]): Step =>
      ({ view, model }) =>
        both(
          () => view.copyFrom(bytes, { byteOffset: at, byteLength: bytes.length }),
          () => {
            inside(at, bytes.length);
            model.set(bytes, at);
            return bytes.length;
          },
        ),
  ),
  fc.tuple(offset, offset, fc.integer({ min: 0, max: 60 })).map(
    ([from, to, length]): Step =>
      ({ view, model }) =>
        both(
          () => view.copyTo(view, { byteOffset: from, byteLength: length, otherOffset: to }),
          () => {
            inside(from, length);
            inside(to, length);
            model.copyWithin(to, from, from + length);
            return length;
          },
        ),
  ),
  fc.tuple(offset, offset).map(
    ([at, length]): Step =>
      ({ reader, model }) =>
        both(
          () => [...reader.toBytes({ byteOffset: at, byteLength: length })],
          () => {
            inside(at, length);
            return [...model.subarray(at, at + length)];
          },
        ),
  ),
  fc.tuple(offset, fc.integer(), fc.boolean()).map(
    ([at, value, little]): Step =>
      ({ view, reader, model }) =>
        both(
          () => {
            view.dataView().setInt32(at, value, little);
            return reader.dataView().getInt32(at, little);
          },
          () => {
            data(model).setInt32(at, value, little);
            return data(model).getInt32(at, little);
          },
        ),
  ),
  fc.tuple(offset, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(
    ([at, value]): Step =>
      ({ view, model }) =>
        both(
          () => view.write(u64, at, value),
          () => data(model).setBigUint64(at, value, true),
        ),
  ),
  fc.constantFrom(...kinds).chain((kind) =>
    fc.tuple(offset, fc.integer({ min: 0, max: 10 }), byte).map(
      ([at, count, value]): Step =>
        ({ view, model }) => {
          const use = (elements: InstanceType<typeof kind>) => {
            elements.fill((typeof elements[0] === 'bigint' ? BigInt(value) : value) as never);
            return [...elements.subarray(0, 3)];
          };
          return both(
            () => use(view.typedArray(kind as typeof Int8Array, at, count) as never),
            () => use(new kind(model.buffer, at, count) as never),
          );
        },
    ),
  ),
  fc.tuple(offset, fc.integer({ min: 0, max: 40 }), byte).map(
    ([at, length, value]): Step =>
      ({ view, model }) =>
        both(
          () => {
            const part = view.subview(at, length);
            part.bytes().fill(value);
            return part.subview(0).toBytes().length;
          },
          () => {
            inside(at, length);
            model.fill(value, at, at + length);
            return length;
          },
        ),
  ),
  fc.tuple(offset, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.double()).map(
    ([at, b, d]): Step =>
      ({ view, model }) => {
        const value = { a: 7, b, c: [1, -2, 3], d };
        return both(
          () => {
            view.write(Mixed, at, value);
            const live = view.live(Mixed, at);
            live.c[1] = b & 255;
            return [live.b, live.d, live.c[1], view.read(Mixed, at).c[1]];
          },
          () => {
            const codec: Codec<{ c: ArrayLike<number> }, unknown, typeof value> = Mixed as never;
            codec.write(model, at, value);
            data(model).setInt16(at + Mixed.offsetOf('c') + 2, b & 255, true);
            return [b, d, b & 255, b & 255];
          },
        );
      },
  ),
  fc.tuple(offset, fc.nat()).map(
    ([at, value]): Step =>
      ({ view, model }) => {
        const index = at >> 2;
        return both(
          () => Atomics.add(view.typedArray(Uint32Array, 0, 75), index, value) + view.read(u32, index * 4),
          () =>
            Atomics.add(new Uint32Array(model.buffer, 0, 75), index, value) + data(model).getUint32(index * 4, true),
        );
      },
  ),
);

describe('a mapping', () => {
  it('behaves as a plain buffer until it is closed, and throws TypeErrors from then on', () => {
    const before = held();
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), fc.nat({ max: 40 }), fc.boolean(), (sequence, end, readerToo) => {
        const name = uniqueName();
        const view = MappedView.create(name, LENGTH);
        const reader = MappedView.open(name);
        const model = new Uint8Array(LENGTH);
        const kept = [view.bytes(), view.dataView(), view.live(Mixed, 8)] as const;
        try {
          for (const [i, step] of sequence.entries()) {
            if (i === end) {
              view.close();
              if (readerToo) reader.close();
            }
            if (!view.closed) {
              const [mapped, expected] = step({ view, reader, model });
              assert.deepEqual(mapped, expected);
              assert.deepEqual([...reader.toBytes()], [...model]);
              continue;
            }
            const [mapped] = step({ view, reader, model: new Uint8Array(LENGTH) });
            if (readerToo) assert.equal(mapped, 'TypeError');
            assert.deepEqual([kept[0].length, kept[0][0]], [0, undefined]);
            assert.equal(
              outcome(() => kept[1].getInt8(0)),
              'TypeError',
            );
            assert.equal(
              outcome(() => kept[2].b),
              'TypeError',
            );
          }
          // What another mapping of the same bytes sees does not depend on who else has closed.
          if (!reader.closed) assert.deepEqual([...reader.toBytes()], [...model]);
        } finally {
          view.close();
          reader.close();
        }
        assert.equal(MappedView.exists(name), false);
      }),
      { numRuns: 300 * Number(process.env.MAPFILE_STRESS_SECONDS ?? 1) },
    );
    assert.equal(held().descriptors, before.descriptors);
  });
});
