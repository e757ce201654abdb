import type { MemoryRange } from '../base/memory.ts';
import { type DataViewReader, ReadonlyDataView } from '../base/readonly-data-view.ts';
import { show } from '../base/show.ts';
import { BadValue } from './bad-value.ts';
import { checkCount } from './check-count.ts';
import type { AnyCodec, Codec } from './codec.ts';
import type { Form } from './form.ts';
import { makeCodec } from './make-codec.ts';
import { checkAlignment } from './record.ts';

/** What a codec of your own must know. */
export interface CodecDefinition<T, Live = T, Input = T> {
  /** The type's name, part of the fingerprint. */
  readonly name: string;
  readonly byteLength: number;
  /** The natural alignment, a power of two; 1 by default. */
  readonly byteAlignment?: number;
  /** The value at `byteOffset`; the bounds have been checked. `view` cannot write: the memory may be mapped read-only. */
  read(view: DataViewReader, byteOffset: number): T;
  /** Throws if `value` cannot be written. Runs for every part of a write before the first byte is stored. */
  check?(value: Input): void;
  /** Stores a value that `check` has let pass. Without a `check` it may throw: then the bytes of the whole value are put back. */
  write(view: DataView, byteOffset: number, value: Input): void;
  /** The object that stands for the bytes. Where `range.access` is `'read'`, its `dataView` has no setters and no buffer. */
  live?(range: MemoryRange, byteOffset: number): Live;
}

/** A store through a read-only mapping would kill the process: nobody else's code gets a view that can. */
function harmless(range: MemoryRange): MemoryRange {
  if (range.access !== 'read') return range;
  return { ...range, dataView: new ReadonlyDataView(range.dataView) as unknown as DataView };
}

/** Something that lives in memory and has no value to copy: a lock, a counter. */
export interface LiveDefinition<Live> {
  readonly name: string;
  readonly byteLength: number;
  readonly byteAlignment?: number;
  /** Makes the object that stands for the bytes; called once for each parent object. */
  live(range: MemoryRange, byteOffset: number): Live;
}

/**
 * A codec of your own, for use wherever the built-in ones are: as a struct member, an array element, alone.
 *
 * With `live` alone the member has no value: it is absent from what `read` gives and `write` takes, and `write` leaves
 * its bytes alone.
 *
 * @throws TypeError for a definition without a name, without functions, or with `read` and no `write`
 * @throws RangeError for a byteLength that is no integer from 0 on, or an alignment that is no power of two
 *
 * @example
 * ```ts
 * import { defineCodec, struct, u8 } from 'mapfile/codec';
 *
 * const Seconds = defineCodec<Date>({
 *   name: 'seconds',
 *   byteLength: 4,
 *   byteAlignment: 4,
 *   read: (view, at) => new Date(view.getUint32(at, true) * 1000),
 *   check(value) {
 *     if (Number.isNaN(value.getTime())) throw new RangeError('no date');
 *   },
 *   write: (view, at, value) => view.setUint32(at, value.getTime() / 1000, true),
 * });
 * const Entry = struct('entry', { kind: u8, made: Seconds });
 * const memory = new Uint8Array(Entry.byteLength);
 * Entry.write(memory, 0, { kind: 1, made: new Date(5000) });
 * console.log(Entry.read(memory).made.getTime()); // 5000
 * ```
 */
export function defineCodec<Live>(
  definition: LiveDefinition<Live> & { read?: never; write?: never },
): Codec<never, Live, never>;
/** A codec of your own, with a value that is read and written. */
export function defineCodec<T, Live = T, Input = T>(definition: CodecDefinition<T, Live, Input>): Codec<T, Live, Input>;
export function defineCodec(given: object): AnyCodec {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Cannot define a codec: definition is ${show(given)}, expected an object`);
  }
  const definition = given as LiveDefinition<unknown> | CodecDefinition<unknown, unknown, unknown>;
  const { name, byteLength, byteAlignment = 1 } = definition;
  if (typeof name !== 'string' || name === '') throw new TypeError('Cannot define a codec: it needs a name');
  checkCount(byteLength, name);
  checkAlignment(byteAlignment, name);
  const live = definition.live?.bind(definition);
  const value = 'read' in definition ? definition : undefined;
  if (value && (typeof value.read !== 'function' || typeof value.write !== 'function')) {
    throw new TypeError(`Cannot define ${name}: read and write are functions, and stand together`);
  }
  if (!value && !live) throw new TypeError(`Cannot define ${name}: it needs read and write, or live, or all three`);
  const form: Form = {
    kind: 'custom',
    label: name,
    abi: undefined,
    byteLength,
    alignment: () => byteAlignment,
    ...(!value && { hidden: true }),
    ...(value && !value.check && { unchecked: true }),
    read: (view, at) => value?.read(new ReadonlyDataView(view), at),
    check(input) {
      try {
        value?.check?.(input);
      } catch (error) {
        if (error instanceof BadValue || !(error instanceof Error)) throw error;
        throw new BadValue(error instanceof RangeError, input, `a ${name} (${error.message})`);
      }
    },
    store: (view, at, input) => value?.write(view, at, input),
    ...(live && { live: (range: MemoryRange, at: number) => live(harmless(range), at) }),
    schema: () => ['custom', name, byteLength, byteAlignment],
  };
  return makeCodec(form);
}
