import { type Abi, abiFacts, hostAbi } from './abi.ts';
import { BadValue } from './bad-value.ts';
import type { Form } from './form.ts';
import type { IntegerCodec } from './integer-types.ts';
import { integerCodec, makeCodec } from './make-codec.ts';
import { numberForm, scalarForm } from './scalar-form.ts';
import type { ScalarCodec } from './scalars.ts';

/**
 * An address in the process that wrote it, as a bigint. 8 bytes (4 on the 32-bit ABIs), aligned to as many. It is never
 * followed: the address means nothing in another process.
 *
 * @throws RangeError from `write` for a bigint that does not fit, TypeError for everything else
 *
 * @example
 * ```ts
 * import { struct, target, u32 } from 'mapfile/codec';
 *
 * const { struct: struct32, pointer: pointer32 } = target('msvc32');
 * const Node = struct32('node', { id: u32, next: pointer32 });
 * console.log(Node.byteLength, Node.read(new Uint8Array(8)).next, struct('s', { id: u32 }).byteLength); // 8 0n 4
 * ```
 */
export const pointer: ScalarCodec<bigint> = pointerOn(hostAbi);

/** {@link pointer} for a given ABI, under a header's own name for it. */
export function pointerOn(abi: Abi, label = 'pointer'): ScalarCodec<bigint> {
  // C knows no bit-field and no enumeration of a pointer.
  const { integer: _, ...address } = wordForm(abi, label, false);
  return makeCodec(address);
}

/** An integer that has room for a pointer: `uintptr_t`, `ULONG_PTR`, signed `intptr_t`. */
export function wordOn(abi: Abi, label: string, signed = false): IntegerCodec<bigint, 32 | 64> {
  return integerCodec(wordForm(abi, label, signed));
}

function wordForm(abi: Abi, label: string, signed: boolean): Form {
  if (abiFacts[abi].pointer === 8) return numberForm(signed ? 'i64' : 'u64', true, label, abi);
  const inner = numberForm(signed ? 'i32' : 'u32');
  const [min, max] = signed ? [-0x8000_0000n, 0x7fff_ffffn] : [0n, 0xffff_ffffn];
  return scalarForm(
    {
      kind: signed ? 'i32big' : 'u32big',
      schema: () => inner.kind,
      label,
      bytes: 4,
      abi,
      integer: { signed, big: true, decode: (raw) => raw, encode: (value) => value as bigint },
      get: (_, at) => `BigInt(v.get${signed ? 'Int32' : 'Uint32'}(${at},true))`,
      put: (_, at, x) => `v.setUint32(${at},Number(${x}),true);`,
      check(value) {
        if (typeof value === 'bigint' && value >= min && value <= max) return;
        throw new BadValue(typeof value === 'bigint', value, `a bigint from ${min} to ${max}`);
      },
    },
    {
      read: (view, at) => BigInt(inner.read(view, at) as number),
      store: (view, at, value) => inner.store(view, at, Number(value)),
    },
  );
}
