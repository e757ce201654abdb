/** One of the processes of the stress test: does everything at random until told to stop, and checks what it sees. */
import { memoryRange } from '../../src/base/memory.ts';
import { currentParticipants } from '../../src/os/current-participants.ts';
import { AutoResetEvent, Condition, CountingSemaphore, Mutex, RwLock, Semaphore } from '../../src/sync/index.ts';
import { sharedMemory } from '../support/shared-memory.ts';
import { AT, STRESS_BYTES, stressWords } from './stress-layout.ts';

const memory = sharedMemory(process.argv[2]!, STRESS_BYTES);
const words = stressWords(memoryRange(memory).dataView);
const self = currentParticipants().self;
const mutex = new Mutex(memory, AT.mutex);
const rw = new RwLock(memory, AT.rw);
const semaphore = new Semaphore(memory, AT.semaphore, { permits: 3 });
const counting = new CountingSemaphore(memory, AT.counting, { initial: 2 });
const event = new AutoResetEvent(memory, AT.event);
const lock = new Mutex(memory, AT.lock);
const condition = new Condition(memory, AT.condition, lock);

const counts: Record<string, number> = {};
const broken: string[] = [];
const check = (truth: boolean, what: string) => truth || broken.push(what);
const did = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
const timeoutMs = 2;

const deeds: (() => void | Promise<void>)[] = [
  async () => {
    const guard = counts.mutex! % 2 ? mutex.lockSync() : await mutex.lock();
    // A dead owner leaves its name there.
    check(Atomics.exchange(words.inside, 0, self) === 0 || guard.ownerDied, 'two in the mutex');
    for (let i = 0; i < 50; i++) check(Atomics.load(words.inside, 0) === self, 'another came into the mutex');
    Atomics.store(words.inside, 0, 0);
    guard.unlock();
    did('mutex');
  },
  () => {
    const guard = rw.lockReadSync();
    const [a, b] = [Atomics.load(words.pair, 0), Atomics.load(words.pair, 1)];
    check(a === b || guard.ownerDied, 'a reader beside a writer');
    guard.unlock();
    did('read');
  },
  async () => {
    const guard = await rw.lockWrite();
    const value = Atomics.load(words.pair, 0) + 1;
    Atomics.store(words.pair, 0, value);
    Atomics.store(words.pair, 1, value);
    guard.unlock();
    did('write');
  },
  () => {
    const guard = semaphore.acquireSync();
    check(semaphore.available < 3, 'a permit too many');
    guard.unlock();
    did('semaphore');
  },
  async () => {
    try {
      await counting.acquire({ timeoutMs });
      counting.release();
      did('counting');
    } catch (error) {
      check((error as { code?: string }).code === 'ERR_TIMEOUT', String(error));
    }
  },
  async () => {
    event.set();
    did('set');
    await event.wait({ timeoutMs }).catch(() => did('late for the event'));
  },
  async () => {
    const guard = await lock.lock();
    if (Atomics.load(words.items, 0) < 5) {
      Atomics.add(words.items, 0, 1);
      condition.notifyOne();
    } else {
      await condition.waitFor(guard, () => Atomics.load(words.items, 0) < 5, { timeoutMs }).catch(() => did('full'));
    }
    check(lock.isMine, 'waited without getting the mutex back');
    guard.unlock();
    did('put');
  },
  () => {
    const guard = lock.lockSync();
    if (Atomics.load(words.items, 0) > 0) {
      Atomics.sub(words.items, 0, 1);
      condition.notifyOne();
      did('taken');
    }
    check(Atomics.load(words.items, 0) >= 0 && Atomics.load(words.items, 0) <= 5, 'more than fits');
    guard.unlock();
  },
];

process.on('message', async ({ id, op, until }: { id: number; op: string; until: number }) => {
  try {
    if (op === 'run') {
      while (Date.now() < until) await deeds[Math.floor(Math.random() * deeds.length)]!();
    }
    process.send!({ id, counts, broken });
  } catch (error) {
    process.send!({ id, error: (error as Error).stack });
  }
});
