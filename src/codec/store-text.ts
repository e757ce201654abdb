import { type Placed, plus } from './code.ts';

/**
 * The statements that store settings at their places. Small integers that fill a word together are stored as one: each
 * store through a DataView asks anew for the view's class, its length and its address, which costs more than the shifts.
 */
export function storeText(parts: readonly Placed[], at: string): string {
  let text = '';
  for (let i = 0; i < parts.length; ) {
    const run = wordAt(parts, i);
    if (run) {
      const bits = run.parts.map(({ setting, byteOffset }) => {
        const shift = (byteOffset - run.byteOffset) * 8;
        return shift === 0 ? setting.small!.bits : `${setting.small!.bits}<<${shift}`;
      });
      text += `v.setInt${run.bytes * 8}(${plus(at, run.byteOffset)},${bits.join('|')},true);`;
      i += run.parts.length;
    } else {
      const { setting, byteOffset } = parts[i]!;
      text += setting.put(plus(at, byteOffset));
      i += 1;
    }
  }
  return text;
}

/** The longest run of neighbours from `first` on that fills four bytes, or two. */
function wordAt(parts: readonly Placed[], first: number) {
  const { byteOffset } = parts[first]!;
  let bytes = 0;
  let found: { parts: readonly Placed[]; byteOffset: number; bytes: number } | undefined;
  for (let i = first; i < parts.length && bytes < 4; i += 1) {
    const { setting, byteOffset: place } = parts[i]!;
    if (!setting.small || place !== byteOffset + bytes) break;
    bytes += setting.small.bytes;
    if (i > first && (bytes === 4 || bytes === 2)) found = { parts: parts.slice(first, i + 1), byteOffset, bytes };
  }
  return found;
}
