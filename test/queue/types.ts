/** Compiled, never run: what may not be written. */
import { i32, struct, structClass, u32 } from '../../src/codec/index.ts';
import { blockHandle, type SharedHeap } from '../../src/heap/index.ts';
import { RingQueue } from '../../src/queue/index.ts';

declare const heap: SharedHeap;
const Point = struct('point', { x: i32, y: i32 });

export async function wrong(): Promise<void> {
  const points = RingQueue.create('points', Point, { capacity: 4 });
  points.trySend({ x: 1, y: 2 });
  // @ts-expect-error a field is missing
  points.trySend({ x: 1 });
  // @ts-expect-error not a message of this queue
  points.trySend(1);
  const received: { x: number; y: number } | undefined = await points.receive();
  // @ts-expect-error there may be none
  const surely: { x: number; y: number } = points.tryReceive();
  // @ts-expect-error a shape needs a capacity
  RingQueue.create('points', Point, {});
  // @ts-expect-error one or many
  RingQueue.create('points', Point, { capacity: 4, producers: 2 });
  const numbers = RingQueue.open('numbers', u32);
  const n: number | undefined = numbers.tryReceive();
  const bytes = RingQueue.open('bytes');
  const b: Uint8Array | undefined = bytes.tryReceive();
  // @ts-expect-error raw bytes
  bytes.trySend('text');
  RingQueue.open('blocks', blockHandle, { ownership: heap });
  class Place extends structClass('place', { x: i32, y: i32 }) {
    get sum(): number {
      return this.x + this.y;
    }
  }
  const places = RingQueue.openOrCreate('places', Place, { capacity: 4 });
  const sum: number | undefined = places.tryTake()?.live.sum;
  const x: number | undefined = places.tryReceive()?.x;
  const made: number | undefined = RingQueue.create('places', Place, { capacity: 4 }).tryClaim()?.live.sum;
  // @ts-expect-error a message is a value, not the object
  places.tryReceive()?.sum;
  // @ts-expect-error a field is missing
  places.trySend({ x: 1 });
  void [received, surely, n, b, sum, x, made];
}
