import type { Memory } from '../base/memory.ts';

/** The part of a codec that the heap uses. */
export interface ValueCodec<out T, out Live = T, in Input = T> {
  readonly byteLength: number;
  readonly name: string;
  readonly fingerprint: string;
  describe(): string;
  read(memory: Memory, byteOffset?: number): T;
  write(memory: Memory, byteOffset: number, value: Input): void;
  live(memory: Memory, byteOffset?: number): Live;
}
