import { type Placed, plus, type Setting } from './code.ts';

/** One statement's worth: a setting, or small integers that fill a word together. */
interface Store {
  readonly start: number;
  readonly end: number;
  readonly reach: number;
  put(at: string): string;
}

/**
 * The stores of settings at their places.
 *
 * Small integers that fill a word together are stored as one: each store through a DataView asks anew for the view's
 * class, its length and its address, which costs more than the shifts. What ends last is stored first, where nothing
 * overlaps: if the view is too short it throws there, with nothing stored.
 */
export function storesOf(parts: readonly Placed[]): Pick<Setting, 'put' | 'reach'> {
  const stores: Store[] = [];
  for (let i = 0; i < parts.length; ) {
    const word = wordAt(parts, i);
    stores.push(word?.store ?? single(parts[i]!));
    i += word?.count ?? 1;
  }
  const apart = stores.every((store, i) => i === 0 || store.start >= stores[i - 1]!.end);
  if (apart && stores.length > 1) stores.unshift(stores.pop()!);
  return { put: (at) => stores.map((store) => store.put(at)).join(''), reach: stores[0]?.reach ?? 0 };
}

function single({ setting, byteOffset, byteLength }: Placed): Store {
  return {
    start: byteOffset,
    end: byteOffset + byteLength,
    reach: setting.reach === 0 ? 0 : byteOffset + setting.reach,
    put: (at) => setting.put(plus(at, byteOffset)),
  };
}

/** The longest run of small neighbours from `first` on that fills four bytes, or two. */
function wordAt(parts: readonly Placed[], first: number): { store: Store; count: number } | undefined {
  const start = parts[first]!.byteOffset;
  const bits: string[] = [];
  let bytes = 0;
  let found: { store: Store; count: number } | undefined;
  for (const { setting, byteOffset } of parts.slice(first, first + 4)) {
    if (!setting.small || byteOffset !== start + bytes || bytes >= 4) break;
    bits.push(bytes === 0 ? setting.small.bits : `${setting.small.bits}<<${bytes * 8}`);
    bytes += setting.small.bytes;
    if (bits.length === 1 || (bytes !== 2 && bytes !== 4)) continue;
    const [width, word, end] = [bytes * 8, bits.join('|'), start + bytes];
    const put = (at: string) => `v.setInt${width}(${plus(at, start)},${word},true);`;
    found = { store: { start, end, reach: end, put }, count: bits.length };
  }
  return found;
}
