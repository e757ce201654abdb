/**
 * Steps two or three actors through EVERY order of their atomic operations, with a death at every step if asked, and checks
 * an invariant after each. The code under test is the production code: nothing in it knows.
 *
 * A thread of control cannot be suspended in the middle of synchronous JavaScript, so it is re-run instead: an actor's life
 * up to step n is repeated from its log of results (which touch no memory), the next operation is done for real, and at the
 * one after it a Pause is thrown. Actors must therefore be deterministic, build their objects inside the function, and
 * share nothing but the memory and the notes; and what they do after a sleep must depend on the memory alone.
 *
 * DataView accesses and the `set` of typed arrays are taken together with the atomic operation before them; other plain
 * accesses must not meet what others write.
 *
 * A sleeping actor is woken by a ring. Its slice ends only when nobody else can move: without a death that is a lost
 * wake-up and an error; after one, slices are what the design relies on.
 */
import type { ParticipantId, Participants } from '../../src/base/participants.ts';

export interface Actor extends Participants {
  /** A step of the test's own: the model is told, and the invariant is checked after it. */
  note(text: string): void;
}

/** What is known between two steps. */
export interface Model {
  readonly words: Int32Array;
  /** All notes so far, in order, as `actor:text`; a death is noted as `actor:died`. */
  readonly notes: readonly string[];
  readonly dead: ReadonlySet<number>;
  /** The actors whose function has returned. */
  readonly done: ReadonlySet<number>;
}

export interface Exploration {
  /** Fills the memory before anybody moves. */
  readonly initial?: (memory: ArrayBuffer) => void;
  /** Bytes of shared memory, all zero at the start. */
  readonly byteLength: number;
  readonly actors: readonly ((actor: Actor, memory: ArrayBuffer) => void)[];
  /** How many of the actors may die; each at each of its steps. Default 0. */
  readonly deaths?: number;
  /** Which actors may die; default all. */
  readonly mortal?: (actor: number) => boolean;
  /** Throws if the model is wrong; after every step. */
  readonly check?: (model: Model) => void;
  /** Throws if the model is wrong; when no actor can move any more. */
  readonly atEnd?: (model: Model) => void;
  /** Somebody may rightly sleep for ever; such an end is not a lost wake-up. */
  readonly mayStarve?: boolean;
  /** These run alone, one after the other, until they sleep; only then does the exploration begin. */
  readonly asleepFirst?: readonly number[];
  /** And these are then woken, without anybody having rung. */
  readonly awake?: readonly number[];
  readonly maxStates?: number;
}

/** What was visited. */
export interface Explored {
  states: number;
  ends: number;
  deepest: number;
}

class Pause extends Error {}

interface Life {
  log: unknown[];
  /** Where in the log the last sleep ended. What a wait loop does does not depend on what it saw before. */
  woke: number;
  state: 'ready' | 'asleep' | 'done' | 'dead';
  /** The key it has announced. */
  key: number | undefined;
  rung: boolean;
}

interface State {
  memory: Int32Array;
  lives: Life[];
  notes: string[];
  slices: number;
}

const OPERATIONS = ['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;
type Operation = (...args: unknown[]) => unknown;

/** Runs until every reachable state has been visited. Throws at the first wrong one, with the path to it. */
export function explore(test: Exploration): Explored {
  const memory = new ArrayBuffer(test.byteLength);
  const words = new Int32Array(memory);
  const originals = OPERATIONS.map((name) => [name, Reflect.get(Atomics, name) as Operation] as const);
  const visited = new Set<string>();
  const result: Explored = { states: 0, ends: 0, deepest: 0 };
  const maxStates = test.maxStates ?? 400_000;

  let current: State;
  let who = -1;
  let cursor = 0;
  let fresh = 0;

  /** One operation of the running actor: from its log, or for real, or not any more. */
  const step = (operation: () => unknown): unknown => {
    const life = current.lives[who]!;
    if (cursor < life.log.length) return life.log[cursor++];
    if (fresh === 0) throw new Pause();
    fresh -= 1;
    const value = operation();
    life.log.push(value);
    cursor += 1;
    return value;
  };

  /** A plain access: nobody else moves before it, but it is not repeated either. */
  const quiet = (operation: () => unknown): unknown => {
    const life = current.lives[who]!;
    if (cursor < life.log.length) return life.log[cursor++];
    const value = operation();
    life.log.push(value);
    cursor += 1;
    return value;
  };

  const actorOf = (self: number): Actor => ({
    self: (self + 1) as ParticipantId,
    spins: 0,
    isAlive: (id) => step(() => current.lives[id - 1]!.state !== 'dead') as boolean,
    note: (text) => {
      step(() => current.notes.push(`${self}:${text}`));
    },
    ring: (key) => {
      step(() => {
        for (const life of current.lives) if (life.key === key) life.rung = true;
      });
    },
    sleepSync: (key, stillWaiting) => {
      const life = () => current.lives[self]!;
      step(() => {
        life().key = key;
        life().rung = false;
      });
      if (stillWaiting()) {
        step(() => {
          life().state = life().rung ? 'ready' : 'asleep';
        });
        step(() => undefined); // the step after it is taken only once it has been woken
      }
      step(() => {
        life().key = undefined;
        life().woke = life().log.length;
      });
    },
    sleep: () => {
      throw new Error('the explorer knows blocking sleeps only');
    },
  });

  /** Lets actor `self` do one more operation. */
  const advance = (self: number): void => {
    const life = current.lives[self]!;
    words.set(current.memory);
    who = self;
    cursor = 0;
    fresh = 1;
    try {
      test.actors[self]!(actorOf(self), memory);
      life.state = 'done';
      life.log = [];
      life.woke = 0;
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
    } finally {
      who = -1;
      current.memory.set(words);
    }
  };

  const copy = (state: State): State => ({
    memory: state.memory.slice(),
    lives: state.lives.map((life) => ({ ...life, log: life.log.slice() })),
    notes: state.notes.slice(),
    slices: state.slices,
  });

  const keyOf = (state: State) =>
    // With the slices: states that only slices repeat are how nobody getting on looks.
    `${state.slices}|${state.memory.join()}|${state.notes.join()}|${state.lives.map((l) => `${l.state},${l.key},${l.rung},${l.woke > 0},${l.log.slice(l.woke).join()}`).join('|')}`;

  const modelOf = (state: State): Model => ({
    words: state.memory,
    notes: state.notes,
    dead: new Set(state.lives.flatMap((life, i) => (life.state === 'dead' ? [i] : []))),
    done: new Set(state.lives.flatMap((life, i) => (life.state === 'done' ? [i] : []))),
  });

  /** The states that follow, each with the name of the move. */
  function* successors(state: State): Generator<[string, State]> {
    const deaths = state.lives.filter((life) => life.state === 'dead').length;
    let moved = false;
    for (const [i, life] of state.lives.entries()) {
      if (life.state === 'done' || life.state === 'dead') continue;
      if (deaths < (test.deaths ?? 0) && (test.mortal?.(i) ?? true)) {
        const next = copy(state);
        next.lives[i] = { log: [], woke: 0, state: 'dead', key: undefined, rung: false };
        next.notes.push(`${i}:died`);
        yield [`${i} dies`, next];
      }
      if (life.state === 'asleep' && !life.rung) continue;
      moved = true;
      yield [`${i}`, after(state, i)];
    }
    if (moved) return;
    const asleep = state.lives.flatMap((life, i) => (life.state === 'asleep' ? [i] : []));
    if (asleep.length === 0) return;
    if (test.mayStarve && (deaths === 0 || state.slices > 2)) return;
    if (deaths === 0) throw new Error(`lost wake-up: actors ${asleep.join(' and ')} sleep for ever`);
    if (state.slices > 4) throw new Error(`actors ${asleep.join(' and ')} never get on, slice after slice`);
    const next = copy(state);
    next.slices += 1;
    for (const i of asleep) next.lives[i]!.state = 'ready';
    yield ['all slices end', next];
  }

  const after = (state: State, i: number): State => {
    const next = copy(state);
    next.lives[i]!.state = 'ready';
    current = next;
    advance(i);
    return next;
  };

  for (const [name, original] of originals) {
    Reflect.set(Atomics, name, (...args: unknown[]) => {
      if (who < 0 || (args[0] as Int32Array).buffer !== memory) return original(...args);
      return step(() => original(...args));
    });
  }
  const accessors = Object.getOwnPropertyNames(DataView.prototype)
    .filter((name) => /^[gs]et/.test(name))
    .map((name) => [name, Reflect.get(DataView.prototype, name) as Operation] as const);
  for (const [name, original] of accessors) {
    Reflect.set(DataView.prototype, name, function (this: DataView, ...args: unknown[]) {
      if (who < 0 || this.buffer !== memory) return original.apply(this, args);
      return quiet(() => original.apply(this, args));
    });
  }
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const set = Reflect.get(typedArray, 'set') as Operation;
  Reflect.set(typedArray, 'set', function (this: Uint8Array, ...args: unknown[]) {
    if (who < 0 || this.buffer !== memory) return set.apply(this, args);
    return quiet(() => set.apply(this, args));
  });
  const path: string[] = [];
  const visit = (state: State): void => {
    const key = keyOf(state);
    if (visited.has(key)) return;
    visited.add(key);
    result.states += 1;
    result.deepest = Math.max(result.deepest, path.length);
    if (result.states > maxStates) throw new Error(`more than ${maxStates} states`);
    test.check?.(modelOf(state));
    let last = true;
    for (const [move, next] of successors(state)) {
      last = false;
      path.push(move);
      visit(next);
      path.pop();
    }
    if (!last) return;
    result.ends += 1;
    test.atEnd?.(modelOf(state));
  };
  try {
    const lives = test.actors.map((): Life => ({ log: [], woke: 0, state: 'ready', key: undefined, rung: false }));
    test.initial?.(memory);
    let start: State = { memory: words.slice(), lives, notes: [], slices: 0 };
    for (const i of test.asleepFirst ?? []) while (start.lives[i]!.state !== 'asleep') start = after(start, i);
    for (const i of test.awake ?? []) start.lives[i]!.state = 'ready';
    visit(start);
    return result;
  } catch (error) {
    const problem = error instanceof Error ? error : new Error(String(error));
    problem.message += `\n  after the moves ${path.join(', ')}`;
    throw problem;
  } finally {
    for (const [name, original] of originals) Reflect.set(Atomics, name, original);
    for (const [name, original] of accessors) Reflect.set(DataView.prototype, name, original);
    Reflect.set(typedArray, 'set', set);
  }
}
