import * as bboModule from 'buffer-backed-object';
import koffi from 'koffi';
import { View } from 'structurae';
import { BufferReader, BufferWriter, f32, i32, object, u8, u16, u32 } from 'typed-binary';
import { compiled, LOOPS, type Subject } from './codec-subjects.ts';

// Under some loaders the package arrives as a default export.
const bbo = ((bboModule as { default?: typeof bboModule }).default ?? bboModule) as typeof bboModule;

const SIZE = 56;
const PLACE = `(i & 63) * ${SIZE}`;

type Make = (s: Subject, view: DataView) => () => unknown;

const loop = (tag: string, body: string, uses: Record<string, unknown>): (() => unknown) =>
  compiled(
    `() => { /* ${tag} */ let sum = 0; for (let i = 0; i < ${LOOPS}; i += 1) { ${body} } return sum; }`,
    Object.keys(uses),
    Object.values(uses),
  );

const Koffi = koffi.struct({
  id: 'uint32',
  x: 'double',
  y: 'double',
  z: 'double',
  hp: 'int32',
  kind: 'uint16',
  flags: 'uint8',
  level: 'uint8',
  speed: 'float',
  heading: 'float',
});
// typed-binary has no f64: its record is 12 bytes shorter.
const Typed = object({
  id: u32,
  x: f32,
  y: f32,
  z: f32,
  hp: i32,
  kind: u16,
  flags: u8,
  level: u8,
  speed: f32,
  heading: f32,
});
const value = { id: 7, x: 1.5, y: -2, z: 3.25, hp: -100, kind: 3, flags: 255, level: 9, speed: 1.25, heading: 0.5 };

/** buffer-backed-object lays out without padding, like the others beside C: its own order of the same fields. */
const bboView = (buffer: ArrayBuffer) =>
  bbo.BufferBackedObject(buffer, {
    id: bbo.Uint32({ endianness: 'little' }),
    x: bbo.Float64({ endianness: 'little', align: 8 }),
    y: bbo.Float64({ endianness: 'little' }),
    z: bbo.Float64({ endianness: 'little' }),
    hp: bbo.Int32({ endianness: 'little' }),
    kind: bbo.Uint16({ endianness: 'little' }),
    flags: bbo.Uint8(),
    level: bbo.Uint8(),
    speed: bbo.Float32({ endianness: 'little' }),
    heading: bbo.Float32({ endianness: 'little' }),
  });

/** Made at its use: it compiles text, which not every process may. */
const structurae = () =>
  new View().create<typeof value>({
    $id: 'numbers',
    type: 'object',
    properties: {
      id: { type: 'integer', btype: 'uint32' },
      x: { type: 'number' },
      y: { type: 'number' },
      z: { type: 'number' },
      hp: { type: 'integer' },
      kind: { type: 'integer', btype: 'uint16' },
      flags: { type: 'integer', btype: 'uint8' },
      level: { type: 'integer', btype: 'uint8' },
      speed: { type: 'number', btype: 'float32' },
      heading: { type: 'number', btype: 'float32' },
    },
  });

/** The same work by other packages, by scenario. */
export const peers: Record<string, [name: string, make: Make][]> = {
  'read a field': [
    [
      'koffi.decode',
      (_, v) =>
        loop('koffi', 'sum = (sum + koffi.decode(b, 32, "int32") + i) | 0;', { koffi, b: Buffer.from(v.buffer) }),
    ],
    [
      'buffer-backed-object',
      (_, v) => loop('bbo', 'sum = (sum + o.hp + i) | 0;', { o: bboView(v.buffer as ArrayBuffer) }),
    ],
    ['structurae', () => loop('structurae', 'sum = (sum + o.get("hp") + i) | 0;', { o: structurae().from(value) })],
  ],
  'write a field': [
    ['koffi.encode', (_, v) => loop('koffi', 'koffi.encode(b, 32, "int32", i);', { koffi, b: Buffer.from(v.buffer) })],
    ['buffer-backed-object', (_, v) => loop('bbo', 'o.hp = i;', { o: bboView(v.buffer as ArrayBuffer) })],
    ['structurae', () => loop('structurae', 'o.set("hp", i);', { o: structurae().from(value) })],
  ],
  'read a record of numbers': [
    [
      'koffi.decode',
      (_, v) => loop('koffi', `sum += koffi.decode(b, ${PLACE}, T).hp;`, { koffi, T: Koffi, b: Buffer.from(v.buffer) }),
    ],
    [
      'typed-binary',
      (_, v) =>
        loop('typed', `sum += T.read(new R(b, { byteOffset: ${PLACE} })).hp;`, {
          T: Typed,
          R: BufferReader,
          b: v.buffer,
        }),
    ],
    ['structurae', () => loop('structurae', 'sum += o.toJSON().hp;', { o: structurae().from(value) })],
  ],
  'write a record of numbers': [
    [
      'koffi.encode',
      (_, v) =>
        loop('koffi', `x.hp = i; koffi.encode(b, ${PLACE}, T, x);`, {
          koffi,
          T: Koffi,
          b: Buffer.from(v.buffer),
          x: { ...value },
        }),
    ],
    [
      'typed-binary',
      (_, v) =>
        loop('typed', `x.hp = i; T.write(new W(b, { byteOffset: ${PLACE} }), x);`, {
          T: Typed,
          W: BufferWriter,
          b: v.buffer,
          x: { ...value },
        }),
    ],
    [
      'structurae',
      () =>
        loop('structurae', 'x.hp = i; S.from(x, o);', {
          S: structurae(),
          o: structurae().from(value),
          x: { ...value },
        }),
    ],
  ],
};
