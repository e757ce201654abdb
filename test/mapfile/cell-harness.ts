/**
 * The two exhaustive passes over the cell's protocol. Each answers what it visited and what it found wrong, so that the same
 * passes judge the real code and the mutants.
 */

import type { CellReader } from '../../src/mapfile/cell-reader.ts';
import type { CellWriter } from '../../src/mapfile/cell-writer.ts';
import { run } from '../support/death.ts';
import { images, replay } from '../support/replay.ts';
import { type Model, model, readValue } from './cell-model.ts';

export interface Findings {
  /** Points or interleavings visited. */
  visited: number;
  /** One line for each violation. */
  readonly wrong: string[];
}

interface Code {
  readonly Writer?: typeof CellWriter;
  readonly Reader?: typeof CellReader;
}

/** What a writer does: a commit of value v, or (negative) an update that throws after having stored -v. */
export type Program = readonly number[];

function perform(cell: Model, writer: CellWriter, program: Program): void {
  for (const v of program) {
    try {
      writer.updateSync(() => {
        cell.store(Math.abs(v));
        if (v < 0) throw new RangeError('undo');
      }, undefined);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/**
 * A writer dies at each of its stores; a second one dies at each store of what it does then (its recovery included); a reader
 * without the right to write looks after each death; a third one updates and must find the world in order.
 */
export function everyDeath(byteLength: number, first: Program, second: Program, code: Code = {}): Findings {
  const found: Findings = { visited: 0, wrong: [] };
  for (let dieAt = 1, died = true; died; dieAt++) {
    for (let secondAt = 1, secondDied = true; secondDied; secondAt++) {
      found.visited += 1;
      const at = `${byteLength} bytes, death at ${dieAt} and ${secondAt}`;
      const cell = model(byteLength, code.Writer, code.Reader);
      const a = cell.writer();
      died = run(() => perform(cell, a.writer, first), dieAt).died;
      a.kill();
      const reader = cell.reader();
      const afterFirst = judge(cell, reader, [0, ...first], `${at}: after the first`, found);
      const b = cell.writer();
      secondDied = run(() => perform(cell, b.writer, second), secondAt).died;
      b.kill();
      judge(cell, reader, [afterFirst, ...second], `${at}: after the second`, found);
      const c = cell.writer();
      const half =
        (new Int32Array(cell.cell.control.dataView.buffer, cell.cell.control.dataView.byteOffset, 4)[1]! & 1) === 1;
      const before = readValue(reader, byteLength);
      let told = 0;
      c.writer.onRecovery = () => (told += 1);
      perform(cell, c.writer, [9]);
      const after = readValue(reader, byteLength);
      if (after.value !== 9 || after.version !== before.version + 1)
        found.wrong.push(`${at}: third wrote ${after.value}`);
      if (told !== (half ? 1 : 0))
        found.wrong.push(`${at}: told ${told} times of ${half ? 'a' : 'no'} half-done update`);
      if (half && c.writer.lastRecovery?.version !== before.version)
        found.wrong.push(`${at}: recovered another version`);
    }
  }
  return found;
}

/** What a reader sees must be 0 or one of the values committed, and the struct itself must be it too when nothing is under way. */
function judge(cell: Model, reader: CellReader, program: Program, at: string, found: Findings): number {
  const { value } = readValue(reader, cell.byteLength);
  if (value === undefined) found.wrong.push(`${at}: torn`);
  else if (!program.includes(value)) found.wrong.push(`${at}: read ${value}, which nobody committed`);
  return value ?? 0;
}

/**
 * A reader against every interleaving with a writer's program, beginning at each of its stores; if `dieAt` is given, the
 * writer dies there and a second one goes on with `then`.
 */
export function everyInterleaving(
  byteLength: number,
  program: Program,
  code: Code = {},
  dieAt = 0,
  then: Program = [],
): Findings {
  const found: Findings = { visited: 0, wrong: [] };
  const make = (): { memory: ArrayBuffer; cell: Model; act: () => void } => {
    const cell = model(byteLength, code.Writer, code.Reader);
    const { writer } = cell.writer();
    return { memory: cell.memory, cell, act: () => perform(cell, writer, program) };
  };
  let all = images(make);
  if (dieAt > 0) {
    const survivor = () => {
      const { memory, cell, act } = make();
      run(act, dieAt);
      cell.world.kill(1 as never);
      const { writer } = cell.writer();
      return { memory, act: () => perform(cell, writer, then) };
    };
    all = [...all.slice(0, dieAt), ...images(survivor)];
  }
  const { memory, cell } = make();
  const reader = cell.reader();
  // Which version was the committed one at each image: a read gives nothing older than at its begin, nothing newer than at its end.
  const committed = all.map((image) => {
    new Uint8Array(memory).set(image);
    return reader.version;
  });
  const values = new Map<number, number>([[0, 0]]);
  for (const v of [...program.filter((_, i) => dieAt === 0 || i < dieAt), ...then])
    if (v > 0) values.set(values.size, v);
  for (let start = 0; start < all.length; start++) {
    found.visited += replay(
      memory,
      all,
      start,
      () => readValue(reader, byteLength),
      ({ value, version }, last) => {
        const at = `${byteLength} bytes, from image ${start} to ${last}`;
        if (value === undefined) found.wrong.push(`${at}: torn`);
        else if (dieAt === 0 && values.get(version) !== value)
          found.wrong.push(`${at}: value ${value} under version ${version}`);
        if (version < committed[start]! || version > committed[last]!) found.wrong.push(`${at}: version ${version}`);
      },
    );
  }
  return found;
}
