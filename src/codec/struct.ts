import { type Abi, hostAbi } from './abi.ts';
import { makeRecordCodec } from './make-codec.ts';
import { type RecordOptions, recordForm } from './record.ts';
import type { Fields, StructCodec } from './record-types.ts';

/**
 * A C struct: members in order, each at the next multiple of its alignment, the whole padded to a multiple of the
 * largest. The root's `struct` lays out as the compilers of this machine; {@link target} gives those of others.
 *
 * `read` gives a plain object, a copy. `write` takes one with every member (sections may be left out) and no other field.
 * `live` gives an object whose properties are the memory.
 *
 * @param name the type's name, part of messages and of the fingerprint
 * @param fields the members, in the order of the header; padding is computed
 * @param options `pack` is `#pragma pack(n)`, `align` is `alignas(n)` on the type
 * @throws TypeError for a name that JavaScript would reorder (`0`), that live objects need (`constructor`, `toJSON`,
 * `snapshot`, `assign`, `then`, `prototype`, `__proto__`), that a path could not hold, or that stands there twice; for a
 * member of another target; for a flexible array that is not last
 * @throws RangeError for a pack or align that is no power of two of the allowed ones
 * @throws RangeError | TypeError from `write`, naming the path, the value and what was expected; nothing is written then
 *
 * https://learn.microsoft.com/cpp/preprocessor/pack, https://gitlab.com/x86-psABIs/x86-64-ABI (3.1.2, Aggregates)
 *
 * @example
 * ```ts
 * import { char, i32, struct, u8 } from 'mapfile/codec';
 *
 * const Student = struct('student', { ID: i32, name: char(20), grade: u8 });
 * const memory = new Uint8Array(Student.byteLength);
 * Student.write(memory, 0, { ID: 7, name: 'Ada', grade: 1 });
 * const student = Student.live(memory);
 * student.ID += 1; // stores into the memory
 * console.log(Student.byteLength, Student.offsetOf('grade'), student.snapshot()); // 28 24 { ID: 8, name: 'Ada', grade: 1 }
 * console.log(struct('packed', { a: u8, b: i32 }, { pack: 1 }).byteLength); // 5
 * ```
 */
export function struct<const F extends Fields>(name: string, fields: F, options: RecordOptions = {}): StructCodec<F> {
  return structOn(hostAbi, name, fields, options);
}

/** {@link struct} for a given ABI. */
export function structOn<const F extends Fields>(
  abi: Abi,
  name: string,
  fields: F,
  options: RecordOptions,
): StructCodec<F> {
  return makeRecordCodec<StructCodec<F>>(recordForm('struct', name, fields, options, abi), fields);
}
