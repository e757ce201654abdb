import type { Memory, MemoryRange } from '../base/memory.ts';
import { type Codec, formOf } from './codec.ts';
import type { Form } from './form.ts';
import type { LiveClass } from './live-class.ts';
import type { LivePath } from './live-path.ts';
import { liveClass } from './live-record.ts';
import { formIn, makeCodec } from './make-codec.ts';
import type { RecordOptions } from './record.ts';
import { namesOf } from './record-members.ts';
import type { Fields, LiveStruct, StructCodec, StructInput, StructValue } from './record-types.ts';
import { probing, shadowingField, shadowingMethod } from './shadowing-field.ts';
import { shortenedInstances } from './shortened-class.ts';
import { struct } from './struct.ts';

declare const madeOverMemory: unique symbol;

/** A class to extend whose instances are live objects, and which is a codec itself. */
export interface StructClass<F> extends Omit<Codec<StructValue<F>, never, StructInput<F>>, 'live'> {
  /** Instances are made over memory: by `live`, by a MapFile. The constructor never runs. */
  new (instancesAreMadeOverMemory: typeof madeOverMemory): LiveStruct<F>;
  readonly prototype: LiveStruct<F>;
  /** The codecs that it was made from. */
  readonly fields: F;
  /** The instance that is the memory: see {@link Codec.live}. */
  live<This extends abstract new (...args: never) => unknown>(
    this: This,
    memory: Memory,
    byteOffset?: number,
  ): InstanceType<This>;
}

/**
 * A class to extend: an object of yours, with methods and getters, constructed in memory. The class is a codec itself.
 *
 * Instances are made over memory that already holds the struct, so the constructor and the field initialisers of the
 * class never run; a class field that would hide a member is refused. `[Symbol.dispose]`, if the class has one, is
 * called when the MapFile that made the instance is closed.
 *
 * @throws TypeError and RangeError as {@link struct} does; TypeError for a codec that is no struct
 * @throws TypeError at first use if a class field has the name of a member, and from `new`
 *
 * @example
 * ```ts
 * import { char, i32, structClass } from 'mapfile/codec';
 *
 * class Student extends structClass('student', { ID: i32, name: char(20) }) {
 *   greet() {
 *     return `hello ${this.name}`;
 *   }
 * }
 * const memory = new Uint8Array(Student.byteLength);
 * Student.write(memory, 0, { ID: 1, name: 'Ada' });
 * console.log(Student.live(memory).greet()); // hello Ada
 * ```
 */
export function structClass<const F extends Fields>(name: string, fields: F, options?: RecordOptions): StructClass<F>;
/** A class to extend, of a struct that there is. */
export function structClass<F extends Fields>(codec: StructCodec<F>): StructClass<F>;
export function structClass(
  given: string | StructCodec<Fields>,
  fields: Fields = {},
  options: RecordOptions = {},
): unknown {
  const codec = typeof given === 'string' ? struct(given, fields, options) : given;
  const form = formIn(codec, 'structClass()');
  if (form.kind !== 'struct') throw new TypeError(`Cannot make a class of ${form.label}: it is no struct`);
  return classOf(form, codec.fields);
}

function classOf(form: Form, fields: Fields): unknown {
  const Base = liveClass(form, 'either');
  const forms = new WeakMap<object, Form>();

  /** Runs only for `new Student()`, and on the stand-in of a probe. */
  function StructObject(): object {
    if (probing.stand) return probing.stand;
    throw new TypeError(`Cannot construct ${form.label}: its objects are memory, make them with live() or a MapFile`);
  }
  StructObject.prototype = Object.create(Base.prototype as object, {
    constructor: { value: StructObject, writable: true, configurable: true },
  });
  const shorten = shortenedInstances(form, StructObject.prototype as object, Base.prototype as object);
  Object.defineProperty(StructObject, formOf, {
    get(this: LiveClass): Form {
      let own = forms.get(this);
      if (!own) {
        own = formOfClass(form, this, Base, shorten);
        forms.set(this, own);
      }
      return own;
    },
  });

  const codecs = new WeakMap<object, Codec<unknown, unknown, unknown>>();
  const codec = (This: object) => {
    let own = codecs.get(This);
    if (!own) {
      own = makeCodec<unknown, unknown, unknown>(formIn(This as never, 'structClass()'));
      codecs.set(This, own);
    }
    return own;
  };
  const statics: Record<string, (this: object, ...args: never[]) => unknown> = {
    offsetOf: function (...args) {
      return codec(this).offsetOf(...(args as unknown as [string]));
    },
    bitOffsetOf: function (...args) {
      return codec(this).bitOffsetOf(...(args as unknown as [string]));
    },
    describe: function () {
      return codec(this).describe();
    },
    read: function (...args) {
      return codec(this).read(...(args as unknown as [Memory, number?]));
    },
    write: function (...args) {
      codec(this).write(...(args as unknown as [Memory, number, never]));
    },
    live: function (...args) {
      return codec(this).live(...(args as unknown as [Memory, number?]));
    },
  };
  for (const [key, value] of Object.entries(statics))
    Object.defineProperty(StructObject, key, { value, configurable: true });
  for (const key of ['byteLength', 'byteAlignment', 'fingerprint'] as const) {
    Object.defineProperty(StructObject, key, { get: () => makeCodec(form)[key], configurable: true });
  }
  Object.defineProperty(StructObject, 'fields', { value: fields, configurable: true });
  Object.defineProperty(StructObject, 'name', { value: form.label, configurable: true });
  return StructObject;
}

/** The struct's form, with live objects of the class. */
function formOfClass(
  form: Form,
  Class: LiveClass,
  Base: LiveClass,
  shorten: ReturnType<typeof shortenedInstances>,
): Form {
  const names = new Set(namesOf(form.members!));
  const refuse = (what: 'field' | 'method', name: string | undefined) => {
    if (name === undefined) return;
    throw new TypeError(
      `Cannot use class ${Class.name}: its ${what} ${JSON.stringify(name)} would hide the member of ${form.label}, remove the ${what}`,
    );
  };
  refuse('field', shadowingField(Class, names));
  refuse('method', shadowingMethod(Class, Base, names));
  const { openClass: _, ...plain } = form;
  // The class's own constructor is passed by: only Base's runs, which installs the view.
  const live = (range: MemoryRange, at: number, path: LivePath) =>
    Reflect.construct(Base, [range, range.dataView, at, path], Class) as object;
  return { ...plain, live, liveOf: (short) => shorten(live, short) };
}
