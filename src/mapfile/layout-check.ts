import { MapFileError } from '../base/errors.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { diffLayouts } from '../codec/diff-layouts.ts';
import { codecFromTable, layoutTable } from '../codec/layout-table.ts';
import { describedLock } from './described-locks.ts';
import type { Holder } from './holder.ts';
import type { SelfDescribed } from './map-file-types.ts';

/** The layout table that the creator leaves in the end part: canonical JSON, in UTF-8. */
export function encodeLayout(codec: AnyCodec): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(layoutTable(codec));
}

/**
 * Closes the holder if the opener believes in another layout than the creator. Memory without a table is believed.
 * @throws MapFileError ERR_LAYOUT_MISMATCH with both tables, differing rows marked
 */
export function checkLayout(holder: Holder, codec: AnyCodec, what: string): void {
  try {
    const actual = tableOf(holder);
    if (actual === undefined || actual === layoutTable(codec)) return;
    const difference = diffLayouts(codec, actual);
    throw new MapFileError(
      'ERR_LAYOUT_MISMATCH',
      `Cannot open ${what}: its creator has another layout (rows marked ! differ), use the same struct in both\n` +
        `expected:\n${difference.first}\nactual:\n${difference.second}`,
      { name: holder.name, expected: difference.first, actual: difference.second },
    );
  } catch (error) {
    holder.close();
    throw error;
  }
}

/**
 * The codec of a mapping that describes itself.
 * @throws TypeError if its creator left no layout table
 */
export function selfDescribed(holder: Holder, what: string): SelfDescribed {
  try {
    const table = tableOf(holder);
    if (table !== undefined) return codecFromTable(table, describedLock) as SelfDescribed;
    throw new TypeError(`Cannot open ${what} without a codec: its creator left no layout table, pass the struct`);
  } catch (error) {
    holder.close();
    throw error;
  }
}

function tableOf(holder: Holder): string | undefined {
  const bytes = holder.layout();
  return bytes && new TextDecoder().decode(bytes);
}
