/** Compile-time tests: that this file compiles is the test. What runs only keeps the values honest. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AtomicCell,
  anonymous,
  array,
  atomic,
  bits,
  bool8,
  bool32,
  bytes,
  c,
  char,
  defineCodec,
  enumeration,
  f32,
  f64,
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
  padding,
  pointer,
  type ReadonlyMemoryArray,
  section,
  struct,
  target,
  u8,
  u32,
  u32be,
  u64,
  union,
  win,
} from '../../src/codec/index.ts';
import { same } from './support/same.ts';

interface Taker {
  take(): boolean;
}
const Lock = defineCodec({ name: 'lock', byteLength: 4, byteAlignment: 4, live: (): Taker => ({ take: () => true }) });
const Student = struct('student', { ID: i32, name: char(20) });
const Vec = struct('vec', { x: f32, y: f32 });
const Mode = enumeration(u8, { idle: 0, run: 1 });
const StrictMode = enumeration(u8, { idle: 0, run: 1 }, { unknown: 'error' });
const NumberMode = enumeration(u8, { idle: 0, run: 1 }, { as: 'number', unknown: 'error' });
const Big = struct('big', {
  id: i64,
  flag: bits(u32, 3),
  _: bits(u32, 5, { unnamed: true }),
  _0: bits(u32, 0),
  pad: padding(4),
  lock: Lock,
  pos: Vec,
  scores: array(i32, 4),
  grid: array(f32, 2, 3),
  ids: array(i64, 2),
  names: array(char(4), 2),
  trail: array(Vec, 3),
  either: anonymous(union('', { asInt: i32, asFloat: f32 })),
  choice: union('choice', { a: u8, b: i64 }),
  mode: Mode,
  hits: atomic(u32),
  raw: bytes(3),
  handle: win.HANDLE,
  size: c.size_t,
  at: pointer,
  doc: json<{ a?: number }>(20),
  on: bool8,
});

describe('the types of codecs', () => {
  it('are what read gives', () => {
    same<Infer<typeof Student>, { ID: number; name: string }>(true);
    same<
      Infer<typeof Big>,
      {
        id: bigint;
        flag: number;
        pos: { x: number; y: number };
        scores: number[];
        grid: number[][];
        ids: bigint[];
        names: string[];
        trail: { x: number; y: number }[];
        asInt: number;
        asFloat: number;
        choice: { a: number; b: bigint };
        mode: number | 'idle' | 'run';
        hits: number;
        raw: Uint8Array;
        handle: bigint;
        size: number;
        at: bigint;
        doc: { a?: number };
        on: boolean;
      }
    >(true);
    same<Infer<typeof StrictMode>, 'idle' | 'run'>(true);
    same<Infer<typeof NumberMode>, 0 | 1>(true);
    // @ts-expect-error an exact type: one field more is another type
    same<Infer<typeof Student>, { ID: number; name: string; more: number }>(true);
    assert.deepEqual(Object.keys(Student.read(new Uint8Array(24))), ['ID', 'name']);
  });

  it('are what live gives', () => {
    type Live = InferLive<typeof Big>;
    same<Live['id'], bigint>(true);
    same<Live['scores'], LiveNumbers<number>>(true);
    same<Live['ids'], LiveNumbers<bigint>>(true);
    same<Live['names'], LiveArray<string, string, string>>(true);
    same<Live['hits'], AtomicCell>(true);
    same<Live['lock'], Taker>(true);
    same<Live['asFloat'], number>(true);
    same<Live['pos']['x'], number>(true);
    same<ReturnType<Live['snapshot']>, Infer<typeof Big>>(true);
    const live = Big.live(new Uint8Array(Big.byteLength));
    live.pos.x = 1;
    live.scores[0] = 4;
    live.trail.get(0)!.y = 2;
    live.trail.set(1, { x: 1, y: 2 });
    live.asInt = 3;
    live.mode = 'run';
    live.assign({ id: 5n, pos: { x: 3 } });
    // @ts-expect-error not a member
    assert.equal(live.nothing, undefined);
    // @ts-expect-error padding has no value
    assert.equal(live.pad, undefined);
    // @ts-expect-error not this type
    assert.throws(() => live.assign({ id: 5 }), TypeError);
  });

  it('are readonly over memory that may only be read', () => {
    type Live = InferReadonlyLive<typeof Big>;
    same<Live['scores'], ReadonlyMemoryArray<number>>(true);
    same<Live['ids'], ReadonlyMemoryArray<bigint>>(true);
    same<Live['raw'], ReadonlyMemoryArray<number>>(true);
    same<keyof Live['hits'], 'load' | 'toJSON'>(true);
    const write = (live: Live) => {
      // @ts-expect-error readonly
      live.id = 1n;
      // @ts-expect-error readonly, nested too
      live.pos.x = 1;
      // @ts-expect-error readonly, arrays too
      live.scores[0] = 1;
      // @ts-expect-error nothing stores
      live.trail.set(0, { x: 1, y: 2 });
      // @ts-expect-error nothing stores
      live.assign({});
    };
    assert.equal(typeof write, 'function');
  });

  it('are what write takes', () => {
    const memory = new Uint8Array(64);
    Student.write(memory, 0, { ID: 1, name: 'a' });
    // @ts-expect-error a member is missing
    assert.throws(() => Student.write(memory, 0, { ID: 1 }), TypeError);
    // @ts-expect-error a bigint is no i32
    assert.throws(() => Student.write(memory, 0, { ID: 1n, name: 'a' }), TypeError);
    // @ts-expect-error an unknown field
    assert.throws(() => Student.write(memory, 0, { ID: 1, name: 'a', more: 2 }), TypeError);
    same<InferInput<typeof Vec>, { readonly x: number; readonly y: number }>(true);
    const Numbers = struct('n', { list: array(i32, 2) });
    Numbers.write(memory, 0, { list: [1, 2] });
    Numbers.write(memory, 0, { list: Int32Array.of(1, 2) });
    // @ts-expect-error not a list of numbers
    assert.throws(() => Numbers.write(memory, 0, { list: ['1', '2'] }), TypeError);
    const Choice = union('c', { a: u8, b: i64 });
    Choice.write(memory, 0, { a: 1 });
    Choice.write(memory, 0, { b: 1n });
    // @ts-expect-error one member at least
    assert.throws(() => Choice.write(memory, 0, {}), TypeError);
    // @ts-expect-error a strict enumeration takes its names only
    assert.throws(() => StrictMode.write(memory, 0, 'walk'), RangeError);
    const partial: InferPartial<typeof Student> = { name: 'x' };
    assert.deepEqual(partial, { name: 'x' });
  });

  it('let a section be left out and ask for a flexible array', () => {
    const Header = struct('h', { o: u32, n: u32, items: section(Vec, { offset: 'o', count: 'n' }) });
    const memory = new Uint8Array(64);
    Header.write(memory, 0, { o: 8, n: 0 });
    Header.write(memory, 0, { o: 8, n: 1, items: [{ x: 1, y: 2 }] });
    // @ts-expect-error not a Vec
    assert.throws(() => Header.write(memory, 0, { o: 8, n: 1, items: [{ x: 1 }] }), TypeError);
    same<Infer<typeof Header>, { o: number; n: number; items: { x: number; y: number }[] }>(true);
    const Flex = struct('f', { n: u32, items: flexible(u8, 'n') });
    Flex.write(memory, 0, { n: 2, items: [1, 2] });
    // @ts-expect-error the array is missing
    assert.throws(() => Flex.write(memory, 0, { n: 2 }), TypeError);
  });

  it('refuse bits of what has none', () => {
    // @ts-expect-error the options of named bits
    assert.throws(() => bits(u32, 99, { nothing: 1 }), RangeError);
    // @ts-expect-error no integer
    assert.throws(() => bits(f32, 3), /TypeError: Cannot make bits of f32: it is no little-endian integer/);
    // @ts-expect-error no integer, even without a name
    assert.throws(() => bits(f64, 3, { unnamed: true }), TypeError);
    // @ts-expect-error no integer, even without a width
    assert.throws(() => bits(f64, 0), TypeError);
    // @ts-expect-error text
    assert.throws(() => bits(char(4), 3), TypeError);
    // @ts-expect-error a struct
    assert.throws(() => bits(Vec, 3), TypeError);
    // @ts-expect-error bits of bits
    assert.throws(() => bits(bits(u32, 5), 3), TypeError);
    // @ts-expect-error the other byte order
    assert.throws(() => bits(u32be, 3), TypeError);
    // @ts-expect-error an address
    assert.throws(() => bits(pointer, 3), TypeError);
    // @ts-expect-error a handle
    assert.throws(() => bits(target('msvc32').win.HANDLE, 3), TypeError);
  });

  it('refuse bits wider than their base', () => {
    // @ts-expect-error 8 bits
    assert.throws(() => bits(u8, 9), RangeError);
    // @ts-expect-error 8 bits, without a name too
    assert.throws(() => bits(u8, 9, { unnamed: true }), RangeError);
    // @ts-expect-error 16 bits
    assert.throws(() => bits(win.WORD, 17), RangeError);
    // @ts-expect-error 32 bits
    assert.throws(() => bits(c.int, 33), RangeError);
    // @ts-expect-error 64 bits
    assert.throws(() => bits(i64, 65), RangeError);
    // @ts-expect-error 8 bits: the enumeration's base
    assert.throws(() => bits(Mode, 9), RangeError);
    // @ts-expect-error less than none
    assert.throws(() => bits(u8, -1), RangeError);
    // @ts-expect-error no whole bits
    assert.throws(() => bits(u8, 1.5), RangeError);
    const width: number = 3;
    same<Infer<ReturnType<typeof bits<typeof u8, number>>>, number>(true);
    const fits = [bits(u8, 8), bits(u64, 64), bits(bool8, 1), bits(Mode, 2), bits(c.long, 32), bits(u8, width)];
    assert.deepEqual(
      fits.map((codec) => codec.byteLength),
      [1, 8, 1, 1, c.long.byteLength, 1],
    );
    same<Infer<ReturnType<typeof bits<typeof Mode, 2>>>, number | 'idle' | 'run'>(true);
    assert.equal(target('msvc32').bits(target('msvc32').win.ULONG_PTR, 31).byteLength, 4);
  });

  it('refuse enumerations and atomics of what cannot hold one', () => {
    // @ts-expect-error no integer
    assert.throws(() => enumeration(f64, { a: 1 }), /TypeError: Cannot make an enumeration on f64/);
    // @ts-expect-error a boolean
    assert.throws(() => enumeration(bool8, { a: 1 }), TypeError);
    // @ts-expect-error an enumeration
    assert.throws(() => enumeration(Mode, { a: 1 }), TypeError);
    // @ts-expect-error bits: make bits of the enumeration
    assert.throws(() => enumeration(bits(u8, 3), { a: 1 }), TypeError);
    // @ts-expect-error text
    assert.throws(() => enumeration(char(1), { a: 1 }), TypeError);
    // @ts-expect-error a name is no value
    assert.throws(() => enumeration(u8, { a: 'b' }), TypeError);
    // @ts-expect-error 8 bits
    assert.throws(() => atomic(u8), /TypeError: Cannot make u8 atomic: only u32 and i32 are/);
    // @ts-expect-error 64 bits
    assert.throws(() => atomic(i64), TypeError);
    // @ts-expect-error no integer
    assert.throws(() => atomic(f32), TypeError);
    // @ts-expect-error a boolean
    assert.throws(() => atomic(bool32), TypeError);
    // @ts-expect-error bits
    assert.throws(() => atomic(bits(u32, 3)), TypeError);
    // @ts-expect-error the size differs between ABIs, and is 8 here
    assert.throws(() => atomic(target('sysv64').c.long), TypeError);
    const cells = [atomic(u32), atomic(i32), atomic(c.int), atomic(win.DWORD), atomic(win.LONG)];
    assert.ok(cells.every((codec) => codec.byteLength === 4));
  });
});
