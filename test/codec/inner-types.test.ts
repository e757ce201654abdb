/** Compile-time tests of what stands inside of something else. What runs shows that the types tell the truth. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AtomicCell,
  aligned,
  anonymous,
  array,
  atomic,
  bool8,
  char,
  defineCodec,
  enumeration,
  f32,
  flexible,
  type Infer,
  type InferInput,
  type InferLive,
  type InferPartial,
  type InferReadonlyLive,
  i32,
  i64,
  json,
  type LiveArray,
  type LiveNumbers,
  type LiveStruct,
  type ReadonlyAtomicCell,
  type ScalarBox,
  section,
  struct,
  structClass,
  u8,
  u16,
  u32,
  union,
} from '../../src/codec/index.ts';
import { same } from './support/same.ts';

/** `any`, which every test of a type lets pass. */
type Anything = ReturnType<typeof JSON.parse>;

const fields = { value: i32, unit: u8 };
const Cell = struct('cell', fields);
const Single = struct('single', { value: i32 });
type CellValue = { value: number; unit: number };
type CellInput = { readonly value: number; readonly unit: number };
type CellLive = LiveStruct<{ readonly value: typeof i32; readonly unit: typeof u8 }>;
type Cells = LiveArray<CellLive, CellValue, CellInput>;

describe('a struct with a member called value', () => {
  it('is an object in arrays', () => {
    const Row = struct('row', { cells: array(Cell, 2), grid: array(Single, 2, 2) });
    same<InferLive<typeof Row>['cells'], Cells>(true);
    const memory = new Uint8Array(Row.byteLength);
    const live = Row.live(memory);
    live.cells.set(0, { value: 1, unit: 2 });
    live.cells[1]!.unit = 3;
    live.grid[1]![0]!.assign({ value: 9 });
    same<ReturnType<typeof live.cells.toArray>, CellValue[]>(true);
    assert.deepEqual(live.cells.toArray(), [
      { value: 1, unit: 2 },
      { value: 0, unit: 3 },
    ]);
    // @ts-expect-error a struct is no number
    assert.throws(() => live.cells.set(0, 5), TypeError);
    // @ts-expect-error a live array of structs has no fill
    assert.equal(typeof array(Cell, 2).live(memory).subarray, 'undefined');
    const copy = new Uint8Array(memory.length);
    Row.write(copy, 0, live);
    assert.deepEqual(copy, memory);
  });

  it('is an object in flexible arrays and sections', () => {
    const List = struct('list', { n: u32, items: flexible(Cell, 'n') });
    const Header = struct('header', { o: u32, n: u32, items: section(Cell, { offset: 'o', count: 'n' }) });
    same<InferLive<typeof List>['items'], Cells>(true);
    same<InferLive<typeof Header>['items'], Cells>(true);
    const memory = new Uint8Array(32);
    List.write(memory, 0, { n: 1, items: [{ value: 1, unit: 2 }] });
    assert.equal(List.live(memory).items.at(0)!.unit, 2);
    const copy = new Uint8Array(32);
    List.write(copy, 0, List.live(memory));
    assert.deepEqual(copy, memory);
    Header.write(memory, 0, { o: 8, n: 1 });
    Header.live(memory).items[0]!.assign({ unit: 7 });
    assert.equal(memory[12], 7);
  });

  it('is an object in another struct, whatever the value', () => {
    class Meter extends structClass('meter', { value: i32 }) {
      double() {
        return this.value * 2;
      }
    }
    const Any = struct('any', { value: json<Anything>(20) });
    const Outer = struct('outer', { single: Single, any: Any, meter: Meter, meters: array(Meter, 2) });
    type Live = InferLive<typeof Outer>;
    same<ReturnType<Live['any']['snapshot']>, { value: Anything }>(true);
    same<ReturnType<Live['single']['snapshot']>, { value: number }>(true);
    same<Live['meter'], Meter>(true);
    same<Live['meters'], LiveArray<Meter, { value: number }, { readonly value: number }>>(true);
    const live = Outer.live(new Uint8Array(Outer.byteLength));
    live.single.assign({ value: 4 });
    live.meters[1]!.value = 4;
    assert.deepEqual(live.single.snapshot(), { value: 4 });
    assert.deepEqual(live.any.snapshot(), { value: null });
    assert.equal(live.meters[1]!.double(), 8);
  });

  it('is no scalar where a codec of its own makes it', () => {
    const Gauge = defineCodec<number, { value: number; reset(): void }>({
      name: 'gauge',
      byteLength: 4,
      read: (view, at) => view.getInt32(at, true),
      write: (view, at, value) => view.setInt32(at, value, true),
      live: ({ dataView }, at) => ({ value: dataView.getInt32(at, true), reset: () => dataView.setInt32(at, 0) }),
    });
    const S = struct('s', { gauge: Gauge, gauges: array(Gauge, 1) });
    const memory = Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0);
    const live = S.live(memory);
    live.gauge.reset();
    live.gauges[0]!.reset();
    assert.deepEqual(S.read(memory), { gauge: 0, gauges: [0] });
  });
});

describe('scalars inside', () => {
  it('are plain values in structs, arrays, flexible arrays and sections', () => {
    const place = { offset: 4, count: 'n' };
    const H = struct('h', { n: u32, on: bool8, names: array(char(4), 2), flags: array(bool8, 2) });
    const Numbers = struct('numbers', { n: u32, xs: section(u32, place) });
    const Names = struct('names', { n: u32, xs: section(char(4), place) });
    const Flexible = struct('flex', { xs: flexible(u16) });
    same<InferLive<typeof H>['on'], boolean>(true);
    same<InferLive<typeof H>['names'], LiveArray<string, string, string>>(true);
    same<InferLive<typeof H>['flags'], LiveArray<boolean, boolean, boolean>>(true);
    same<InferLive<typeof Numbers>['xs'], LiveArray<number, number, number>>(true);
    same<InferLive<typeof Names>['xs'], LiveArray<string, string, string>>(true);
    same<InferLive<typeof Flexible>['xs'], LiveArray<number, number, number>>(true);
    const memory = new Uint8Array(12);
    Numbers.write(memory, 0, { n: 2, xs: [5, 6] });
    const first: number = Numbers.live(memory).xs[0]!;
    assert.equal(first, 5);
    Numbers.live(memory).xs.set(1, first + 3);
    assert.deepEqual(Numbers.read(memory).xs, [5, 8]);
  });

  it('are typed arrays where they are numbers, and boxes alone', () => {
    same<InferLive<typeof u8>, ScalarBox<number>>(true);
    same<InferLive<ReturnType<typeof json<{ a: 1 }>>>, ScalarBox<{ a: 1 }>>(true);
    const S = struct('s', { a: array(i32, 2), b: array(i64, 2), c: array(json<Anything>(8), 2), d: aligned(8, u8) });
    same<InferLive<typeof S>['a'], LiveNumbers<number>>(true);
    same<InferLive<typeof S>['b'], LiveNumbers<bigint>>(true);
    same<InferLive<typeof S>['c'], LiveArray<Anything, Anything, Anything>>(true);
    same<InferLive<typeof S>['d'], number>(true);
    const box = u8.live(new Uint8Array(1));
    box.value = 4;
    assert.equal(box.value, 4);
  });

  it('are cells where they are atomic', () => {
    const S = struct('s', { hits: array(atomic(u32), 2) });
    same<InferLive<typeof S>['hits'], LiveArray<AtomicCell, number, number | ReadonlyAtomicCell>>(true);
    same<InferReadonlyLive<typeof S>['hits'][number], ReadonlyAtomicCell>(true);
    same<Infer<typeof S>, { hits: number[] }>(true);
    const live = S.live(new Uint8Array(8));
    live.hits[0]!.add(1);
    live.hits.set(1, 2);
    assert.deepEqual(live.hits.toArray(), [1, 2]);
    // @ts-expect-error no typed array, which would store without atomicity
    assert.equal(live.hits.buffer, undefined);
    const reads = (sealed: InferReadonlyLive<typeof S>) => {
      // @ts-expect-error no store leads through read-only memory
      sealed.hits[0]!.add(1);
    };
    assert.equal(typeof reads, 'function');
  });
});

describe('what write takes', () => {
  it('of enumerations: names and numbers', () => {
    const Loose = enumeration(u8, { A: 1, B: 2 });
    const Numbers = enumeration(u8, { A: 1, B: 2 }, { as: 'number' });
    const Strict = enumeration(u8, { A: 1, B: 2 }, { unknown: 'error' });
    const StrictNumbers = enumeration(u8, { A: 1, B: 2 }, { as: 'number', unknown: 'error' });
    same<InferInput<typeof Loose>, 'A' | 'B' | number>(true);
    same<InferInput<typeof Numbers>, 'A' | 'B' | number>(true);
    same<InferInput<typeof Strict>, 'A' | 'B' | 1 | 2>(true);
    same<InferInput<typeof StrictNumbers>, 'A' | 'B' | 1 | 2>(true);
    same<Infer<typeof Numbers>, number>(true);
    same<Infer<typeof Strict>, 'A' | 'B'>(true);
    const memory = new Uint8Array(4);
    Numbers.write(memory, 0, 'B');
    Strict.write(memory, 1, 1);
    StrictNumbers.write(memory, 2, 'A');
    Loose.write(memory, 3, 9);
    assert.deepEqual([...memory], [2, 1, 1, 9]);
    // @ts-expect-error no name of it
    assert.throws(() => Numbers.write(memory, 0, 'C'), RangeError);
    // @ts-expect-error no constant of it
    assert.throws(() => Strict.write(memory, 0, 3), RangeError);
    const S = struct('s', { modes: array(Numbers, 2), strict: array(Strict, 2) });
    S.write(memory, 0, { modes: Uint8Array.of(1, 7), strict: ['A', 2] });
    S.live(memory).strict.set(1, 1);
    assert.deepEqual(S.read(memory), { modes: [1, 7], strict: ['A', 'A'] });
  });

  it('of arrays: lists of elements, live ones too, and no string', () => {
    const S = struct('s', { names: array(char(2), 2), numbers: array(u8, 2) });
    const memory = new Uint8Array(S.byteLength);
    S.write(memory, 0, { names: ['a', 'b'] as const, numbers: [1, 2] });
    S.write(memory, 0, S.live(memory));
    assert.deepEqual(S.read(memory), { names: ['a', 'b'], numbers: [1, 2] });
    // @ts-expect-error a string is a list of strings, but not meant here
    assert.throws(() => S.write(memory, 0, { names: 'ab', numbers: [1, 2] }), TypeError);
    const Row = struct('row', { cells: array(Cell, 1) });
    // @ts-expect-error an unknown field of an element
    assert.throws(() => Row.write(new Uint8Array(8), 0, { cells: [{ value: 1, unit: 2, more: 3 }] }), TypeError);
  });

  it('of json of anything: not nothing', () => {
    const S = struct('s', { any: json<Anything>(20) });
    // @ts-expect-error the member is missing
    assert.throws(() => S.write(new Uint8Array(24), 0, {}), TypeError);
    S.write(new Uint8Array(24), 0, { any: [1] });
  });
});

describe('what assign takes', () => {
  const Theme = json<{ theme: string; size: number }>(60);
  const Point = defineCodec<{ x: number; y: number }>({
    name: 'point',
    byteLength: 2,
    read: (view, at) => ({ x: view.getUint8(at), y: view.getUint8(at + 1) }),
    check: ({ x, y }) => {
      if (x === undefined || y === undefined) throw new TypeError('not whole');
    },
    write(view, at, { x, y }) {
      view.setUint8(at, x);
      view.setUint8(at + 1, y);
    },
  });
  const S = struct('s', {
    theme: Theme,
    point: Point,
    inner: struct('inner', { a: u8, deep: struct('deep', { b: u8, c: u8 }) }),
    list: array(Cell, 1),
    either: union('either', { i: u32, f: f32 }),
    _: anonymous(struct('', { p: u8, q: u8 })),
  });

  it('is any members of structs, at any depth', () => {
    const live = S.live(new Uint8Array(S.byteLength));
    live.assign({});
    live.assign({ inner: { deep: { c: 3 } }, either: { i: 7 }, q: 4 });
    assert.deepEqual(live.inner.snapshot(), { a: 0, deep: { b: 0, c: 3 } });
    assert.equal(live.either.i, 7);
    assert.equal(live.q, 4);
    live.inner.assign({ a: 1 });
    const change: InferPartial<typeof S> = { inner: {} };
    live.assign(change);
    // @ts-expect-error no member
    assert.throws(() => live.assign({ inner: { deep: { d: 1 } } }), TypeError);
    // @ts-expect-error not this type
    assert.throws(() => live.assign({ q: '4' }), TypeError);
  });

  it('is the whole of everything else', () => {
    const live = S.live(new Uint8Array(S.byteLength));
    live.assign({ theme: { theme: 'dark', size: 1 }, point: { x: 1, y: 2 }, list: [{ value: 1, unit: 2 }] });
    // @ts-expect-error json is stored whole
    live.assign({ theme: {} });
    assert.deepEqual(live.theme, {});
    // @ts-expect-error a codec of one's own takes its values whole
    assert.throws(() => live.assign({ point: { x: 1 } }), TypeError);
    // @ts-expect-error elements of arrays are whole
    assert.throws(() => live.assign({ list: [{ value: 1 }] }), TypeError);
    same<InferPartial<typeof Theme>, { theme: string; size: number }>(true);
  });
});
