import { i32, struct } from '../../src/codec/index.ts';
import { blockHandle, SharedHeap } from '../../src/heap/index.ts';
import { World } from '../support/participants.ts';

/** A codec with a handle in it. */
export const Node = struct('node', { value: i32, next: blockHandle });

/** Memory, and as many as like to join the heap in it; each of them can die. */
export function world(byteLength = 65_536, options = {}) {
  const people = new World();
  const memory = new ArrayBuffer(byteLength);
  const join = () => {
    const participants = people.spawn();
    const heap = SharedHeap.openOrCreate(memory, undefined, { ...options, participants });
    return { heap, die: () => people.kill(participants.self), id: participants.self };
  };
  return { memory, join };
}

/** The code of what `fn` throws, or its name. */
export function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
  return 'nothing';
}
