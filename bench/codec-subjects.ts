/** What `codec.ts` compares: hand-written classes and functions with constant offsets, beside codecs of the same structs. */
import { compileFunction } from 'node:vm';
import { array, type Codec, char, f32, f64, i16, i32, struct, u8, u16, u32 } from '../src/codec/index.ts';

/** Operations of one run. */
export const LOOPS = 10_000;

/** Compiles text as a function of its own, so that no two call sites share type feedback. */
export function compiled<F>(text: string, names: string[] = [], values: unknown[] = []): F {
  return compileFunction(`'use strict'; return (${text})`, names)(...values) as F;
}

/** One struct type and the best hand-written code for it. Field names differ from type to type. */
export interface Subject {
  readonly id: number;
  readonly numbers: Codec<Record<string, number>, Record<string, number>, Record<string, number>>;
  readonly mixed: Codec<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>>;
  /** The same fields, of which objects stand at odd bytes: a getter that meets both kinds is slower for both. */
  readonly unaligned: Subject['mixed'];
  /** With an array of four structs. */
  readonly list: Subject['mixed'];
  /** New values, from a literal as programs write them. */
  readonly numbersValue: () => Record<string, number>;
  readonly mixedValue: () => Record<string, unknown>;
  readonly listValue: () => Record<string, unknown>;
  readonly Hand: new (view: DataView, byteOffset: number) => Record<string, number> & { score(i: number): number };
  readonly readNumbers: (view: DataView, at: number) => Record<string, number>;
  readonly writeNumbers: (view: DataView, at: number, value: Record<string, number>) => void;
  readonly readMixed: (view: DataView, at: number) => Record<string, unknown>;
  readonly writeMixed: (view: DataView, at: number, value: Record<string, unknown>) => void;
  readonly readList: Subject['readMixed'];
  readonly writeList: Subject['writeMixed'];
}

export function subject(id: number): Subject {
  const n = (name: string) => `${name}_${id}`;
  const numbers = struct(n('numbers'), {
    [n('id')]: u32,
    [n('x')]: f64,
    [n('y')]: f64,
    [n('z')]: f64,
    [n('hp')]: i32,
    [n('kind')]: u16,
    [n('flags')]: u8,
    [n('level')]: u8,
    [n('speed')]: f32,
    [n('heading')]: f32,
  }) as unknown as Subject['numbers'];
  const fields = {
    [n('id')]: u32,
    [n('name')]: char(20),
    [n('x')]: f64,
    [n('y')]: f64,
    [n('scores')]: array(i16, 5),
    [n('hp')]: i32,
  };
  const mixed = struct(n('mixed'), fields) as unknown as Subject['mixed'];
  const unaligned = struct(n('unaligned'), fields) as unknown as Subject['mixed'];
  const point = struct(n('point'), { [n('x')]: f32, [n('y')]: f32, [n('kind')]: i32 });
  const list = struct(n('list'), { [n('hp')]: i32, [n('points')]: array(point, 4) }) as unknown as Subject['mixed'];
  const numbersValue = compiled<Subject['numbersValue']>(`() => ({ ${n('id')}: 7, ${n('x')}: 1.5, ${n('y')}: -2.25,
    ${n('z')}: 3.25, ${n('hp')}: -100, ${n('kind')}: 3, ${n('flags')}: 255, ${n('level')}: 9, ${n('speed')}: 1.25,
    ${n('heading')}: 0.5 })`);
  const mixedValue = compiled<Subject['mixedValue']>(`() => ({ ${n('id')}: 7, ${n('name')}: 'player ${id}',
    ${n('x')}: 1.5, ${n('y')}: -2.25, ${n('scores')}: [1, -2, 3, -4, 5], ${n('hp')}: 42 })`);
  const listValue = compiled<Subject['listValue']>(`() => ({ ${n('hp')}: 42, ${n('points')}: [1, 2, 3, 4].map((i) =>
    ({ ${n('x')}: i * 1.5, ${n('y')}: -i, ${n('kind')}: i })) })`);
  // The baseline: view and byteOffset as fields, constants for the rest.
  const Hand = compiled<Subject['Hand']>(`class Hand_${id} {
    constructor(view, byteOffset) { this.view = view; this.byteOffset = byteOffset; }
    get ${n('hp')}() { return this.view.getInt32(this.byteOffset + 32, true); }
    set ${n('hp')}(value) { this.view.setInt32(this.byteOffset + 32, value, true); }
    get ${n('x')}() { return this.view.getFloat64(this.byteOffset + 8, true); }
    set ${n('x')}(value) { this.view.setFloat64(this.byteOffset + 8, value, true); }
    score(i) { return this.view.getInt16(this.byteOffset + 40 + i * 2, true); }
    setScore(i, value) { this.view.setInt16(this.byteOffset + 40 + i * 2, value, true); }
  }`);
  const readNumbers = compiled<Subject['readNumbers']>(`(view, at) => ({
    ${n('id')}: view.getUint32(at, true), ${n('x')}: view.getFloat64(at + 8, true), ${n('y')}: view.getFloat64(at + 16, true),
    ${n('z')}: view.getFloat64(at + 24, true), ${n('hp')}: view.getInt32(at + 32, true), ${n('kind')}: view.getUint16(at + 36, true),
    ${n('flags')}: view.getUint8(at + 38), ${n('level')}: view.getUint8(at + 39), ${n('speed')}: view.getFloat32(at + 40, true),
    ${n('heading')}: view.getFloat32(at + 44, true) })`);
  const writeNumbers = compiled<Subject['writeNumbers']>(`(view, at, value) => {
    view.setUint32(at, value.${n('id')}, true); view.setFloat64(at + 8, value.${n('x')}, true); view.setFloat64(at + 16, value.${n('y')}, true);
    view.setFloat64(at + 24, value.${n('z')}, true); view.setInt32(at + 32, value.${n('hp')}, true); view.setUint16(at + 36, value.${n('kind')}, true);
    view.setUint8(at + 38, value.${n('flags')}); view.setUint8(at + 39, value.${n('level')}); view.setFloat32(at + 40, value.${n('speed')}, true);
    view.setFloat32(at + 44, value.${n('heading')}, true); }`);
  const readMixed = compiled<Subject['readMixed']>(`(view, at) => {
    let name = '';
    for (let i = at + 4; i < at + 24; i += 1) { const c = view.getUint8(i); if (c === 0) break; name += String.fromCharCode(c); }
    return { ${n('id')}: view.getUint32(at, true), ${n('name')}: name, ${n('x')}: view.getFloat64(at + 24, true), ${n('y')}: view.getFloat64(at + 32, true),
      ${n('scores')}: [view.getInt16(at + 40, true), view.getInt16(at + 42, true), view.getInt16(at + 44, true), view.getInt16(at + 46, true), view.getInt16(at + 48, true)],
      ${n('hp')}: view.getInt32(at + 52, true) }; }`);
  const writeMixed = compiled<Subject['writeMixed']>(`(view, at, value) => {
    view.setUint32(at, value.${n('id')}, true);
    const name = value.${n('name')}; const end = Math.min(20, name.length); let i = 0;
    for (; i < end; i += 1) view.setUint8(at + 4 + i, name.charCodeAt(i));
    for (; i < 20; i += 1) view.setUint8(at + 4 + i, 0);
    view.setFloat64(at + 24, value.${n('x')}, true); view.setFloat64(at + 32, value.${n('y')}, true);
    const scores = value.${n('scores')}; for (let k = 0; k < 5; k += 1) view.setInt16(at + 40 + k * 2, scores[k], true);
    view.setInt32(at + 52, value.${n('hp')}, true); }`);
  const readList = compiled<Subject['readList']>(`(view, at) => {
    const points = [];
    for (let p = at + 4; p < at + 52; p += 12) points.push({ ${n('x')}: view.getFloat32(p, true),
      ${n('y')}: view.getFloat32(p + 4, true), ${n('kind')}: view.getInt32(p + 8, true) });
    return { ${n('hp')}: view.getInt32(at, true), ${n('points')}: points }; }`);
  const writeList = compiled<Subject['writeList']>(`(view, at, value) => {
    view.setInt32(at, value.${n('hp')}, true);
    const points = value.${n('points')};
    for (let k = 0; k < 4; k += 1) {
      const p = at + 4 + k * 12; const point = points[k];
      view.setFloat32(p, point.${n('x')}, true); view.setFloat32(p + 4, point.${n('y')}, true); view.setInt32(p + 8, point.${n('kind')}, true);
    } }`);
  return {
    id,
    numbers,
    mixed,
    unaligned,
    list,
    numbersValue,
    mixedValue,
    listValue,
    Hand,
    readNumbers,
    writeNumbers,
    readMixed,
    writeMixed,
    readList,
    writeList,
  };
}
