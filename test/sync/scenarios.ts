/**
 * What the explorer runs: small lives of two or three actors, with what must hold after each step and at each end. They
 * take the module under test as a parameter, because the mutants are run through the same lives.
 */
import assert from 'node:assert/strict';
import { placeIndex } from '../../src/sync/condition-layout.ts';
import type * as Sync from '../../src/sync/index.ts';
import type { Guard } from '../../src/sync/index.ts';
import { OWNER_MASK } from '../../src/sync/lock-word-layout.ts';
import type { Actor, Exploration, Model } from '../support/explorer.ts';

export type Module = typeof Sync;
type Life = (actor: Actor, memory: ArrayBuffer) => void;

/** Who is inside and as what, by the notes `in …` and `out`; the dead are not. */
function inside({ notes, dead }: Model): string[] {
  const now = new Map<string, string>();
  for (const note of notes) {
    const [who, text] = note.split(':') as [string, string];
    if (text.startsWith('in')) now.set(who, text);
    if (text.startsWith('out')) now.delete(who);
  }
  return [...now].filter(([who]) => !dead.has(Number(who))).map(([, what]) => what);
}

const survivorsFinish = ({ done, dead, notes }: Model, actors: number) =>
  assert.equal(done.size + dead.size, actors, `every survivor finishes: ${notes.join(' ')}`);

const count = (notes: readonly string[], pattern: RegExp) => notes.filter((note) => pattern.test(note)).length;

/** Whoever died inside is told of to the next one, and nobody is told of more deaths than there were. */
function toldOfDeaths({ notes, dead }: Model): void {
  assert.ok(count(notes, /:in after a death/) <= dead.size, `told too often: ${notes.join(' ')}`);
  for (const who of dead) {
    const entered = notes.findIndex((note) => note.startsWith(`${who}:in`));
    if (entered < 0 || notes.includes(`${who}:out`)) continue;
    const next = notes.slice(entered + 1).find((note) => /:in/.test(note));
    if (next) assert.match(next, /after a death/, `untold: ${notes.join(' ')}`);
  }
}

const entering = (guard: { ownerDied: boolean }, as = 'in') => (guard.ownerDied ? `${as} after a death` : as);

function exclusion(life: Life, actors: number, deaths: number, byteLength: number, lockIndex = 0): Exploration {
  return {
    byteLength,
    actors: new Array<Life>(actors).fill(life),
    deaths,
    // With three, one mortal shows everything that a second one would and keeps the run short.
    mortal: (who) => actors === 2 || who === 0,
    check: (model) => assert.ok(inside(model).length <= 1, `inside together: ${model.notes.join(' ')}`),
    atEnd: (model) => {
      survivorsFinish(model, actors);
      toldOfDeaths(model);
      // Ids are the actors' numbers plus one: whoever has finished holds nothing any more.
      assert.ok(!model.done.has((model.words[lockIndex]! & OWNER_MASK) - 1), 'held by one who has finished');
    },
  };
}

/** Every scenario by name. */
export function scenarios(sync: Module): Record<string, Exploration> {
  const { AutoResetEvent, Condition, CountingSemaphore, ManualResetEvent, Mutex, RwLock, Semaphore } = sync;

  const mutex: Life = (actor, memory) => {
    const guard = new Mutex(memory, 0, { participants: actor }).lockSync();
    actor.note(entering(guard));
    actor.note('out');
    guard.unlock();
  };

  const recursive: Life = (actor, memory) => {
    const lock = new Mutex(memory, 0, { participants: actor, recursive: true });
    const outer = lock.lockSync();
    actor.note(entering(outer));
    const inner = lock.lockSync();
    inner.unlock();
    actor.note('out');
    outer.unlock();
  };

  /** Releases by other means, acquires again, and only then unlocks by the first guard: that must not free the second. */
  const late = (acquire: () => Guard, release: () => void, actor: Actor) => {
    const early = acquire();
    release();
    const guard = acquire();
    actor.note(entering(guard));
    try {
      early.unlock();
      actor.note('unlocked by a guard that came too late');
    } catch {}
    actor.note('out');
    guard.unlock();
  };
  const lateMutex: Life = (actor, memory) => {
    const one = new Mutex(memory, 0, { participants: actor });
    const other = new Mutex(memory, 0, { participants: actor });
    late(
      () => one.lockSync(),
      () => other.unlock(),
      actor,
    );
  };
  const latePermit: Life = (actor, memory) => {
    const semaphore = new Semaphore(memory, 0, { participants: actor, permits: 1 });
    late(
      () => semaphore.acquireSync(),
      () => semaphore.release(),
      actor,
    );
  };
  const lateWriter: Life = (actor, memory) => {
    const lock = new RwLock(memory, 0, { participants: actor, readers: 2 });
    late(
      () => lock.lockWriteSync(),
      () => lock.unlockWrite(),
      actor,
    );
  };
  const lateReader: Life = (actor, memory) => {
    const lock = new RwLock(memory, 0, { participants: actor, readers: 2 });
    late(
      () => lock.lockReadSync(),
      () => lock.unlockRead(),
      actor,
    );
  };
  const inTime = (life: Life, other: Life, byteLength: number): Exploration => ({
    byteLength,
    actors: [life, other],
    check: ({ notes }) => assert.ok(!notes.some((note) => note.includes('too late')), notes.join(' ')),
    atEnd: (model) => survivorsFinish(model, 2),
  });

  const rw = (participants: Actor, memory: ArrayBuffer) => new RwLock(memory, 0, { participants, readers: 2 });
  const read: Life = (actor, memory) => {
    const guard = rw(actor, memory).lockReadSync();
    actor.note(entering(guard, 'in reading'));
    actor.note('out');
    guard.unlock();
  };
  const write: Life = (actor, memory) => {
    const guard = rw(actor, memory).lockWriteSync();
    actor.note(entering(guard, 'in writing'));
    actor.note('out');
    guard.unlock();
  };
  /** Blocked, it would never leave: what it holds is what the writer waits for. */
  const readNested: Life = (actor, memory) => {
    const lock = rw(actor, memory);
    const outer = lock.lockReadSync();
    actor.note(entering(outer, 'in reading'));
    lock.lockReadSync().unlock();
    actor.note('out');
    outer.unlock();
  };
  const readersOrWriter = (actors: Life[], deaths: number): Exploration => ({
    byteLength: RwLock.byteLengthFor(2),
    actors,
    deaths,
    mortal: (who) => actors.length === 2 || who === 0,
    check: (model) => {
      const now = inside(model);
      const writers = now.filter((what) => what.includes('writing')).length;
      assert.ok(writers === 0 || now.length === 1, `${now.join(' beside ')}: ${model.notes.join(' ')}`);
    },
    atEnd: (model) => {
      survivorsFinish(model, actors.length);
      for (const who of model.dead) {
        const { notes } = model;
        const entered = notes.findIndex((note) => note.startsWith(`${who}:in writing`));
        if (entered < 0 || notes.includes(`${who}:out`)) continue;
        const next = notes.slice(entered + 1).find((note) => /:in/.test(note));
        if (next) assert.match(next, /after a death/, `untold: ${notes.join(' ')}`);
      }
    },
  });

  const permit: Life = (actor, memory) => {
    const guard = new Semaphore(memory, 0, { participants: actor, permits: 1 }).acquireSync();
    actor.note(entering(guard));
    actor.note('out');
    guard.unlock();
  };

  const counting = (actor: Actor, memory: ArrayBuffer) => new CountingSemaphore(memory, 0, { participants: actor });
  const raise: Life = (actor, memory) => {
    actor.note('raises');
    counting(actor, memory).release();
  };
  const lower: Life = (actor, memory) => {
    counting(actor, memory).acquireSync();
    actor.note('lowered');
  };

  const setAuto: Life = (actor, memory) => {
    const event = new AutoResetEvent(memory, 0, { participants: actor });
    actor.note('sets');
    event.set();
    actor.note('has set');
  };
  const waitAuto: Life = (actor, memory) => {
    new AutoResetEvent(memory, 0, { participants: actor }).waitSync();
    actor.note('passed');
  };

  const flash: Life = (actor, memory) => {
    const event = new ManualResetEvent(memory, 0, { participants: actor });
    actor.note('sets');
    event.set();
    event.reset();
  };
  const open: Life = (actor, memory) => {
    actor.note('sets');
    new ManualResetEvent(memory, 0, { participants: actor }).set();
  };
  const pass: Life = (actor, memory) => {
    new ManualResetEvent(memory, 0, { participants: actor }).waitSync();
    actor.note('passed');
  };

  const conditionAt = 16;
  const conditionOf = (participants: Actor, memory: ArrayBuffer) => {
    const lock = new Mutex(memory, 0, { participants });
    // Through an object of its own for the same mutex, as in a struct.
    const same = new Mutex(memory, 0, { participants });
    return { lock, condition: new Condition(memory, conditionAt, same, { participants, places: 2 }) };
  };
  const flag = (memory: ArrayBuffer) => new Int32Array(memory, 8, 1);
  const await_: Life = (actor, memory) => {
    const { lock, condition } = conditionOf(actor, memory);
    const guard = lock.lockSync();
    condition.waitForSync(guard, () => Atomics.load(flag(memory), 0) > 0);
    Atomics.sub(flag(memory), 0, 1);
    actor.note('in');
    actor.note('out');
    guard.unlock();
  };
  const notify =
    (times: number, all: boolean): Life =>
    (actor, memory) => {
      const { lock, condition } = conditionOf(actor, memory);
      for (let i = 0; i < times; i++) {
        const guard = lock.lockSync();
        Atomics.add(flag(memory), 0, all ? 2 : 1);
        if (all) condition.notifyAll();
        else condition.notifyOne();
        guard.unlock();
      }
    };
  const notified = (actors: Life[], deaths = 0, mortal = (_who: number) => true): Exploration => ({
    byteLength: conditionAt + Condition.byteLengthFor(2),
    actors,
    deaths,
    mortal,
    check: (model) => assert.ok(inside(model).length <= 1, `inside together: ${model.notes.join(' ')}`),
    atEnd: (model) => survivorsFinish(model, actors.length),
  });

  return {
    'Mutex, 2 actors, a death at every step': exclusion(mutex, 2, 1, Mutex.byteLength),
    'Mutex, 3 actors': exclusion(mutex, 3, 0, Mutex.byteLength),
    'Mutex, 3 actors, a death at every step of one': exclusion(mutex, 3, 1, Mutex.byteLength),
    'recursive Mutex, 2 actors, a death at every step': exclusion(recursive, 2, 1, Mutex.byteLength),
    'Mutex, a guard that comes too late': inTime(lateMutex, mutex, Mutex.byteLength),
    'Semaphore, a guard that comes too late': inTime(latePermit, permit, Semaphore.byteLengthFor(1)),
    'RwLock, a writer’s guard that comes too late': inTime(lateWriter, write, RwLock.byteLengthFor(2)),
    'RwLock, a reader’s guard that comes too late': inTime(lateReader, write, RwLock.byteLengthFor(2)),
    'RwLock, reader and writer, a death at every step': readersOrWriter([read, write], 1),
    'RwLock, nested reader and writer, a death at every step': readersOrWriter([readNested, write], 1),
    'RwLock, two writers, a death at every step': readersOrWriter([write, write], 1),
    'RwLock, two readers, a death at every step': readersOrWriter([read, read], 1),
    'Semaphore, 2 actors, a death at every step': exclusion(permit, 2, 1, Semaphore.byteLengthFor(1), 2),
    'Semaphore, 3 actors, two of them asleep': {
      ...exclusion(permit, 3, 0, Semaphore.byteLengthFor(1), 2),
      actors: [
        (actor, memory) => {
          const guard = new Semaphore(memory, 0, { participants: actor, permits: 1 }).acquireSync();
          actor.sleepSync(-1, () => true, 0);
          guard.unlock();
        },
        permit,
        permit,
      ],
      asleepFirst: [0, 1, 2],
      awake: [0],
    },
    'CountingSemaphore, one raises by two, two lower': {
      byteLength: CountingSemaphore.byteLength,
      actors: [
        (actor, memory) => {
          actor.note('raises');
          actor.note('raises');
          counting(actor, memory).release(2);
        },
        lower,
        lower,
      ],
      asleepFirst: [1],
      check: ({ notes }) => assert.ok(count(notes, /lowered/) <= count(notes, /raises/)),
      atEnd: (model) => survivorsFinish(model, 3),
    },
    'CountingSemaphore, a waiter dies at every step': {
      byteLength: CountingSemaphore.byteLength,
      actors: [lower, raise],
      deaths: 1,
      mortal: (who) => who === 0,
      atEnd: (model) => survivorsFinish(model, 2),
    },
    'AutoResetEvent, one set, one wait': {
      byteLength: AutoResetEvent.byteLength,
      actors: [setAuto, waitAuto],
      check: ({ notes }) => assert.ok(count(notes, /passed/) <= count(notes, /sets/)),
      atEnd: (model) => survivorsFinish(model, 2),
    },
    'AutoResetEvent, a set lets one of two through': {
      byteLength: AutoResetEvent.byteLength,
      actors: [
        (actor, memory) => {
          setAuto(actor, memory);
          // The second signal only when the first has been used up: signals do not add up.
          const event = new AutoResetEvent(memory, 0, { participants: actor });
          if (event.tryWait()) event.set();
          else setAuto(actor, memory);
        },
        waitAuto,
        (actor, memory) => {
          if (new AutoResetEvent(memory, 0, { participants: actor }).tryWait()) actor.note('passed');
        },
      ],
      check: ({ notes }) => assert.ok(count(notes, /passed/) <= count(notes, /:sets/), notes.join(' ')),
      // The third may take the only signal there is; then the second waits rightly, so no end is demanded of it here.
      mayStarve: true,
    },
    'ManualResetEvent, set lets two through': {
      byteLength: ManualResetEvent.byteLength,
      actors: [open, pass, pass],
      check: ({ notes }) => assert.ok(!notes.some((n) => /passed/.test(n)) || count(notes, /sets/) > 0),
      atEnd: (model) => survivorsFinish(model, 3),
    },
    'ManualResetEvent, the one who sets dies at every step': {
      byteLength: ManualResetEvent.byteLength,
      actors: [open, open, pass],
      deaths: 1,
      mortal: (who) => who === 0,
      atEnd: (model) => survivorsFinish(model, 3),
    },
    'ManualResetEvent, set and reset at once let through whoever slept': {
      byteLength: ManualResetEvent.byteLength,
      actors: [flash, pass],
      mayStarve: true, // whoever comes after the reset waits
      check: ({ notes }) => assert.ok(!notes.some((n) => /passed/.test(n)) || count(notes, /sets/) > 0),
    },
    'ManualResetEvent, set and reset at once let through whoever sleeps': {
      byteLength: ManualResetEvent.byteLength,
      actors: [flash, pass],
      asleepFirst: [1],
      atEnd: (model) => survivorsFinish(model, 2),
    },
    'Condition, one waits, one notifies': notified([await_, notify(1, false)]),
    'Condition, two sleep, one notifies all': { ...notified([await_, await_, notify(1, true)]), asleepFirst: [0, 1] },
    'Condition, a waiter dies at every step, two notifications': notified(
      [await_, notify(1, false)],
      1,
      (who) => who === 0,
    ),
    'Condition, the notifier dies at every step; another notifies': {
      ...notified([notify(1, false), await_, notify(1, false)], 1, (who) => who === 0),
      asleepFirst: [1],
    },
    'Condition, of two that sleep the notified one dies at every step': {
      ...notified([await_, await_, notify(1, false)], 1, (who) => who === 0),
      mayStarve: true, // one notification, two waiters: one goes on sleeping unless the other died
      asleepFirst: [0, 1],
      // Once it has cleared its place it has had its notification, and what it did with it the mutex tells (ownerDied).
      atEnd: ({ done, dead, notes, words }) =>
        assert.ok(
          dead.size === 0 || done.has(1) || words[conditionAt / 4 + placeIndex(0)] === 0,
          `passed on: ${notes.join(' ')}`,
        ),
    },
  };
}
