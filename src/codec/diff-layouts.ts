import type { AnyCodec } from './codec.ts';
import { codecFromTable, layoutTable } from './layout-table.ts';

/** Two layouts side by side. */
export interface LayoutDifference {
  /** Whether every member has the same place, type and name. The constants of enumerations may differ: see the rows. */
  readonly same: boolean;
  /** The first layout's table; rows that the second lacks start with `!`. */
  readonly first: string;
  /** The second layout's table; rows that the first lacks start with `!`. */
  readonly second: string;
}

/**
 * Compares two layouts row by row, for the error of a process that believes in another struct than the creator.
 *
 * @param first a codec, or a table made by `layoutTable`
 * @param second the same
 * @throws MapFileError ERR_CORRUPT for text that is no layout table
 *
 * @example
 * ```ts
 * import { diffLayouts, i32, struct, u16, u8 } from 'mapfile/codec';
 *
 * const { same, second } = diffLayouts(struct('s', { a: i32, b: u8 }), struct('s', { a: i32, b: u16 }));
 * console.log(same); // false
 * console.log(second); // its rows, `!` before those that the first lacks
 * ```
 */
export function diffLayouts(first: AnyCodec | string, second: AnyCodec | string): LayoutDifference {
  const [a, b] = [first, second].map((each) => codecFromTable(typeof each === 'string' ? each : layoutTable(each))) as [
    ReturnType<typeof codecFromTable>,
    ReturnType<typeof codecFromTable>,
  ];
  const [linesA, linesB] = [rows(a.describe()), rows(b.describe())];
  return {
    same: a.fingerprint === b.fingerprint,
    first: mark(linesA, new Set(linesB.map(compact))),
    second: mark(linesB, new Set(linesA.map(compact))),
  };
}

function rows(table: string): string[] {
  return table.trimEnd().split('\n');
}

/** Column widths differ between the tables, so they do not count. */
function compact(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function mark(lines: readonly string[], known: ReadonlySet<string>): string {
  return lines.map((line) => `${known.has(compact(line)) ? ' ' : '!'} ${line}`).join('\n');
}
