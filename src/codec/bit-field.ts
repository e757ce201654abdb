import { BadValue } from './bad-value.ts';
import type { Form } from './form.ts';
import { scalarForm } from './scalar-form.ts';

/**
 * The form of `width` bits that start `shift` bits into a byte.
 *
 * Only the bytes that hold these bits are read and stored: C++ lets others write the bytes beside them meanwhile.
 */
export function bitFieldForm(base: Form, width: number, shift: number): Form {
  const bytes = Math.ceil((shift + width) / 8);
  const integer = base.integer!;
  const slow = slowBits(integer.signed, width, shift, bytes, integer.big);
  const [min, max] = integer.signed
    ? [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n]
    : [0n, 2n ** BigInt(width) - 1n];
  const isBigint = /^[iu](64|32big)$/.test(base.kind);
  const expected = `${isBigint ? 'a bigint' : 'an integer'} from ${min} to ${max}, which ${width} bits hold`;
  const check = (value: unknown) => {
    try {
      base.check(value);
    } catch (error) {
      // The base names its own range, or what else it takes than integers.
      if (!(error instanceof BadValue) || !/^[iu]\d/.test(base.kind)) throw error;
      throw new BadValue(error.range, value, expected);
    }
    const raw = integer.encode(value);
    if (typeof value !== 'boolean' && (BigInt(raw) < min || BigInt(raw) > max))
      throw new BadValue(true, value, expected);
  };
  const kind = `bits:${width}`;
  const label = `${base.label}:${width}`;
  const fast = base.code !== undefined && !integer.big && bytes <= 4;
  const mask = width === 32 ? -1 : 2 ** width - 1;
  const isPlain = base.kind in { i8: 1, u8: 1, i16: 1, u16: 1, i32: 1, u32: 1 };
  return scalarForm(
    {
      kind,
      label,
      bytes,
      get(code, at) {
        if (!fast) return `${code.use(slow, 'bits')}.read(v,${at})`;
        const unit = load(bytes, at);
        const raw = integer.signed
          ? `(${unit}<<${32 - shift - width}>>${32 - width})`
          : width === 32
            ? `(${unit}>>>0)`
            : `(${unit}>>>${shift}&${mask})`;
        if (isPlain) return raw;
        return base.kind === 'bool8' || base.kind === 'bool32'
          ? `(${raw}!==0)`
          : `${code.use(integer, 'integer')}.decode(${raw})`;
      },
      ...(isPlain && {
        isInt: true,
        guard: (x: string, first: string) =>
          integer.signed
            ? `(${first}<<${32 - width}>>${32 - width})===${x}`
            : `${width === 32 ? `(${first}>>>0)` : `(${first}&${mask})`}===${x}`,
      }),
      put(code, at, x) {
        if (!fast) return `${code.use(slow, 'bits')}.store(v,${at},${code.use(integer, 'integer')}.encode(${x}));`;
        const raw = isPlain ? x : `${code.use(integer, 'integer')}.encode(${x})`;
        const keep = ~(mask << shift);
        return put(bytes, at, `${load(bytes, at)}&${keep}|(${raw}&${mask})<<${shift}`);
      },
      reach: fast && bytes !== 3 ? bytes : 0,
      check,
      alignment: () => 1,
      schema: () => base.schema(),
    },
    {
      read: (view, at) => integer.decode(slow.raw(view, at)),
      store: (view, at, value) => slow.store(view, at, integer.encode(value)),
    },
  );

  function slowBits(signed: boolean, width: number, shift: number, bytes: number, big: boolean) {
    const raw = (view: DataView, at: number): number | bigint => {
      let value = 0n;
      for (let i = bytes - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(view.getUint8(at + i));
      value = value >> BigInt(shift);
      value = signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
      return big ? value : Number(value);
    };
    return {
      raw,
      read: (view: DataView, at: number) => integer.decode(raw(view, at)),
      store(view: DataView, at: number, value: number | bigint) {
        const field = ((1n << BigInt(width)) - 1n) << BigInt(shift);
        const bits = (BigInt(value) << BigInt(shift)) & field;
        for (let i = 0; i < bytes; i += 1) {
          const keep = ~Number((field >> BigInt(8 * i)) & 0xffn);
          view.setUint8(at + i, (view.getUint8(at + i) & keep) | Number((bits >> BigInt(8 * i)) & 0xffn));
        }
      },
    };
  }
}

/** The bytes at `at` as one unit; three of them need two loads. */
function load(bytes: number, at: string): string {
  switch (bytes) {
    case 1:
      return `v.getUint8(${at})`;
    case 2:
      return `v.getUint16(${at},true)`;
    case 3:
      return `(v.getUint16(${at},true)|v.getUint8(${at}+2)<<16)`;
    default:
      return `v.getInt32(${at},true)`;
  }
}

function put(bytes: number, at: string, value: string): string {
  switch (bytes) {
    case 1:
      return `v.setUint8(${at},${value});`;
    case 2:
      return `v.setUint16(${at},${value},true);`;
    case 3:
      return `{const w=${value};v.setUint16(${at},w,true);v.setUint8(${at}+2,w>>>16);}`;
    default:
      return `v.setInt32(${at},${value},true);`;
  }
}
