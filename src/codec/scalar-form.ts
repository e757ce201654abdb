import { type Abi, abiFacts } from './abi.ts';
import { BadValue, within } from './bad-value.ts';
import { Code, generatedOr } from './code.ts';
import type { Form } from './form.ts';
import { liveGuard } from './live-guard.ts';

export type ScalarKind = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'f32' | 'f64' | 'i64' | 'u64';

/** The scalar kinds, each with the DataView accessor that reads it, and what it takes. */
const kinds = {
  i8: [1, 'Int8', 'an integer from -128 to 127', (x: unknown) => isInt(x, -128, 127)],
  u8: [1, 'Uint8', 'an integer from 0 to 255', (x: unknown) => isInt(x, 0, 255)],
  i16: [2, 'Int16', 'an integer from -32768 to 32767', (x: unknown) => isInt(x, -32768, 32767)],
  u16: [2, 'Uint16', 'an integer from 0 to 65535', (x: unknown) => isInt(x, 0, 65535)],
  i32: [4, 'Int32', 'an integer from -2147483648 to 2147483647', (x: unknown) => isInt(x, -2147483648, 2147483647)],
  u32: [4, 'Uint32', 'an integer from 0 to 4294967295', (x: unknown) => isInt(x, 0, 4294967295)],
  f32: [4, 'Float32', 'a number', (x: unknown) => typeof x === 'number'],
  f64: [8, 'Float64', 'a number', (x: unknown) => typeof x === 'number'],
  i64: [
    8,
    'BigInt64',
    'a bigint from -2^63 to 2^63 - 1',
    (x: unknown) => typeof x === 'bigint' && BigInt.asIntN(64, x) === x,
  ],
  u64: [
    8,
    'BigUint64',
    'a bigint from 0 to 2^64 - 1',
    (x: unknown) => typeof x === 'bigint' && BigInt.asUintN(64, x) === x,
  ],
} as const;

/**
 * The same tests as text, for generated code: of local `x`, or of expression `first` that binds it. Bit operations throw
 * for bigints and symbols: caught.
 */
const guards: Record<ScalarKind, (x: string, first: string) => string> = {
  i8: (x, first) => `(${first}<<24>>24)===${x}`,
  u8: (x, first) => `(${first}&255)===${x}`,
  i16: (x, first) => `(${first}<<16>>16)===${x}`,
  u16: (x, first) => `(${first}&65535)===${x}`,
  i32: (x, first) => `(${first}|0)===${x}`,
  u32: (x, first) => `(${first}>>>0)===${x}`,
  f32: (_, first) => `typeof ${first}==='number'`,
  f64: (_, first) => `typeof ${first}==='number'`,
  i64: (x, first) => `typeof ${first}==='bigint'&&BigInt.asIntN(64,${x})===${x}`,
  u64: (x, first) => `typeof ${first}==='bigint'&&BigInt.asUintN(64,${x})===${x}`,
};

function isInt(x: unknown, min: number, max: number): boolean {
  return typeof x === 'number' && Number.isInteger(x) && x >= min && x <= max;
}

/** A form that generated code can read and store in line. */
export interface Scalar {
  readonly kind: string;
  readonly label: string;
  readonly bytes: number;
  readonly abi?: Abi;
  /** In code: the value at `at`. */
  get(code: Code, at: string): string;
  /** In code: whether local `x`, which expression `first` may bind, may be stored; absent if {@link check} is called. */
  guard?(x: string, first: string): string;
  /** The guard takes numbers by bit operations, which throw for bigints and symbols. */
  readonly isInt?: boolean;
  /** In code: the store of local `x`. */
  put(code: Code, at: string, x: string): string;
  /** In code, for integers of one or two bytes, the lowest first: the bits of local `x`. */
  small?(x: string): string;
  /** See {@link Setting.reach}: the value's size, if it is one store. */
  readonly reach?: number;
  check(value: unknown): void;
  alignment?(abi: Abi): number;
  readonly integer?: Form['integer'];
  schema?(): Form['schema'] extends () => infer S ? S : never;
}

/** Makes the closures of a scalar from its code, so that the two cannot differ. */
export function scalarForm(scalar: Scalar, fallback: Pick<Form, 'read' | 'store'>): Form {
  const { read, store } = generatedOr<Pick<Form, 'read' | 'store'>>(
    () => {
      const code = new Code();
      const text = `{read:(v,at)=>${scalar.get(code, 'at')},store:(v,at,x)=>{${scalar.put(code, 'at', 'x')}}}`;
      return code.run(`return ${text}`);
    },
    () => fallback,
  );
  const { kind, label, bytes, abi, check } = scalar;
  const form: Form = {
    kind,
    label,
    abi,
    byteLength: bytes,
    alignment: scalar.alignment ?? ((on) => (bytes === 8 ? abiFacts[on].wide : bytes)),
    ...(scalar.integer && { integer: scalar.integer }),
    read,
    check,
    store,
    code: {
      weight: 1,
      reach: bytes,
      isScalar: scalar.guard !== undefined,
      get: (code, at) => scalar.get(code, at),
      set(code, value, path, source) {
        const put = (at: string) => scalar.put(code, at, value);
        const reach = scalar.reach ?? bytes;
        const guard = scalar.guard?.(value, source === undefined ? value : `(${value}=${source})`);
        const small = scalar.small && { bytes: bytes as 1 | 2, bits: scalar.small(value) };
        if (guard !== undefined)
          return {
            bind: '',
            bound: source !== undefined,
            guard,
            calls: '',
            put,
            reach,
            held: [{ local: value, kind }],
            ...(small && { small }),
          };
        const calls = `${code.use(checkAt, 'checkAt')}(${code.use(form)},${value},${JSON.stringify(path)});`;
        return { bind: '', guard: '', calls, put, reach, held: [{ local: value }] };
      },
      quick(code, view, at, refuse) {
        const test = scalar.guard && `${scalar.isInt ? `typeof x==='number'&&` : ''}${scalar.guard('x', 'x')}`;
        const check = test ? `${code.use(liveGuard(test), 'guard')}(x,${refuse},this);` : `${refuse}(x,this);`;
        return `${check}const v=${view},at=${at};${scalar.put(code, 'at', 'x')}`;
      },
    },
    schema: scalar.schema ?? (() => kind),
  };
  return form;
}

/** The form of a DataView scalar. */
export function numberForm(kind: ScalarKind, littleEndian = true, label: string = kind, abi?: Abi): Form {
  const [bytes, method, expected, accepts] = kinds[kind];
  const name = littleEndian || bytes === 1 ? kind : `${kind}be`;
  const [get, set] = [DataView.prototype[`get${method}`], DataView.prototype[`set${method}`]] as [
    (at: number, le: boolean) => unknown,
    (at: number, x: unknown, le: boolean) => void,
  ];
  return scalarForm(
    {
      kind: name,
      label: label === kind ? name : label,
      bytes,
      abi,
      get: (_, at) => `v.get${method}(${at}${bytes === 1 ? '' : `,${littleEndian}`})`,
      guard: guards[kind],
      isInt: bytes <= 4 && kind !== 'f32',
      put: (_, at, x) => `v.set${method}(${at},${x}${bytes === 1 ? '' : `,${littleEndian}`});`,
      ...(bytes <= 2 &&
        (littleEndian || bytes === 1) && {
          small: (x: string) => (kind.startsWith('u') ? x : `(${x}&${bytes === 1 ? 255 : 65535})`),
        }),
      ...(!kind.startsWith('f') &&
        (littleEndian || bytes === 1) && {
          integer: {
            signed: kind.startsWith('i'),
            big: kind.endsWith('64'),
            decode: (raw: number | bigint) => raw,
            encode: (value: unknown) => value as number | bigint,
          },
        }),
      check(value) {
        if (!accepts(value))
          throw new BadValue(typeof value === (bytes === 8 && kind !== 'f64' ? 'bigint' : 'number'), value, expected);
      },
    },
    {
      read: (view, at) => get.call(view, at, littleEndian),
      store: (view, at, value) => set.call(view, at, value, littleEndian),
    },
  );
}

/** `check` with a step in front of its path. */
export function checkAt(form: Pick<Form, 'check'>, value: unknown, path: string): void {
  try {
    form.check(value);
  } catch (error) {
    within(error, path);
  }
}
