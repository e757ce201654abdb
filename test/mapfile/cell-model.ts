/** A cell over plain memory, with mortal participants, for the tests of the protocol. */
import { memoryRange, subrange } from '../../src/base/memory.ts';
import { CONTROL_BYTE_LENGTH, undoByteLength } from '../../src/mapfile/cell-layout.ts';
import { type CellMemory, CellReader } from '../../src/mapfile/cell-reader.ts';
import { CellWriter, type Kept } from '../../src/mapfile/cell-writer.ts';
import { bytesOf } from '../../src/mapfile/copy-bytes.ts';
import { type FakeParticipants, World } from '../support/participants.ts';

export interface Model {
  readonly byteLength: number;
  readonly memory: ArrayBuffer;
  readonly cell: CellMemory;
  readonly world: World;
  /** A writer of its own participant. */
  writer(kept?: readonly Kept[]): { writer: CellWriter; participants: FakeParticipants; kill(): void };
  reader(): CellReader;
  /** Stores value `v` to the live struct, byte by byte or word by word, as a live object does. */
  store(v: number): void;
}

/** What the struct's bytes are if its value is `v`: each byte tells it. */
export function bytesOfValue(v: number, byteLength: number): number[] {
  return Array.from({ length: byteLength }, (_, i) => (v === 0 ? 0 : (v * 16 + i) & 0xff));
}

/** The value that these bytes are; undefined if they are torn. */
export function valueIn(bytes: Uint8Array): number | undefined {
  for (let v = 0; v < 16; v++) if (bytesOfValue(v, bytes.length).every((byte, i) => byte === bytes[i])) return v;
  return undefined;
}

export function model(
  byteLength: number,
  Writer: typeof CellWriter = CellWriter,
  Reader: typeof CellReader = CellReader,
): Model {
  const dataEnd = Math.ceil(byteLength / 8) * 8;
  const memory = new ArrayBuffer(dataEnd + CONTROL_BYTE_LENGTH + undoByteLength(byteLength));
  const range = memoryRange(memory);
  const cell: CellMemory = {
    data: subrange(range, 0, byteLength),
    control: subrange(range, dataEnd, CONTROL_BYTE_LENGTH),
    undo: subrange(range, dataEnd + CONTROL_BYTE_LENGTH, undoByteLength(byteLength)),
  };
  const world = new World();
  return {
    byteLength,
    memory,
    cell,
    world,
    writer(kept) {
      const participants = world.spawn();
      const writer = new Writer(cell, participants, 'map "test"', kept);
      return { writer, participants, kill: () => world.kill(participants.self) };
    },
    reader: () => new Reader(cell, 'map "test"'),
    store(v) {
      const bytes = bytesOfValue(v, byteLength);
      const word = new DataView(Uint8Array.from(bytes).buffer);
      let at = 0;
      for (; at + 4 <= byteLength; at += 4) cell.data.dataView.setInt32(at, word.getInt32(at));
      for (; at < byteLength; at++) cell.data.dataView.setUint8(at, bytes[at]!);
    },
  };
}

/** What a reader gets: the value (undefined if torn) and its version. */
export function readValue(reader: CellReader, byteLength: number): { value: number | undefined; version: number } {
  const target = bytesOf(new DataView(new ArrayBuffer(byteLength)));
  const version = reader.read(target);
  return { value: valueIn(target.array), version };
}
