import type { Abi } from './abi.ts';
import { BadValue } from './bad-value.ts';
import type { Form } from './form.ts';
import { scalarForm } from './scalar-form.ts';

/** 64 bits in memory, a safe integer in JavaScript; read from two words because a bigint would be allocated. */
export function safeForm(kind: 'i64' | 'u64', label: string, abi?: Abi): Form {
  const high = kind === 'i64' ? 'Int32' : 'Uint32';
  const min = kind === 'i64' ? Number.MIN_SAFE_INTEGER : 0;
  const join = kind === 'i64' ? joinSigned : joinUnsigned;
  return scalarForm(
    {
      kind: `${kind}Number`,
      // The same bytes as the bigint form: the table tells bytes, not JavaScript types.
      schema: () => kind,
      label,
      bytes: 8,
      abi,
      get: (code, at) => `${code.use(join, 'join')}(v.getUint32(${at},true),v.get${high}(${at}+4,true))`,
      guard: (x, first) => `Number.isSafeInteger(${first})${kind === 'u64' ? `&&${x}>=0` : ''}`,
      put: (_, at, x) => `v.setUint32(${at},${x},true);v.setInt32(${at}+4,Math.floor(${x}/4294967296),true);`,
      reach: 4,
      integer: {
        signed: kind === 'i64',
        big: true,
        decode: (raw) => safe(raw as bigint),
        encode: (value) => BigInt(value as number),
      },
      check(value) {
        if (Number.isSafeInteger(value) && (value as number) >= min) return;
        throw new BadValue(typeof value === 'number', value, `an integer from ${min} to ${Number.MAX_SAFE_INTEGER}`);
      },
    },
    {
      read: (view, at) =>
        join(view.getUint32(at, true), kind === 'i64' ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true)),
      store(view, at, value) {
        view.setUint32(at, value as number, true);
        view.setInt32(at + 4, Math.floor((value as number) / 4294967296), true);
      },
    },
  );
}

function joinUnsigned(low: number, high: number): number {
  if (high > 0x1fffff) throw unsafe((BigInt(high) << 32n) | BigInt(low));
  return high * 4294967296 + low;
}

function joinSigned(low: number, high: number): number {
  const value = high * 4294967296 + low;
  if (!Number.isSafeInteger(value)) throw unsafe((BigInt(high) << 32n) | BigInt(low));
  return value;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unsafe(value);
  return number;
}

function unsafe(value: bigint): RangeError {
  return new RangeError(`Cannot read a 64-bit integer as a number: value is ${value}, read it as a bigint (i64, u64)`);
}
