/**
 * The order in which the promises of one thread wait for the same thing.
 *
 * Of those only the first makes attempts and sleeps; the others wait for their turn, which costs nothing while it lasts. A
 * newcomer stands behind them also if it could be served at once: else a task that lets go and asks again in the same breath
 * would always be before those who first have to wake up.
 */
import { onAbort } from '../base/on-abort.ts';

/** Node's timers can do no more. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

const lines = new WeakMap<object, Map<number | string, Set<Turn>>>();

/** Whether a promise of `who`, a participant or the like, waits on `key`. */
export function anybodyWaits(who: object, key: number | string): boolean {
  return lines.get(who)?.has(key) ?? false;
}

/** A place in line, from the construction to {@link end}. */
export class Turn {
  readonly #keys: Map<number | string, Set<Turn>>;
  readonly #key: number | string;
  readonly #line: Set<Turn>;
  #go: (() => void) | undefined;

  constructor(who: object, key: number | string) {
    const keys = lines.get(who) ?? new Map<number | string, Set<Turn>>();
    const line = keys.get(key) ?? new Set();
    lines.set(who, keys);
    keys.set(key, line);
    this.#keys = keys;
    this.#key = key;
    this.#line = line.add(this);
  }

  get isFirst(): boolean {
    return this.#first === this;
  }

  /** Resolves when it is the first, when the time is up or when the signal fires. */
  come(ms: number, signal: AbortSignal | undefined, ref: boolean | undefined): Promise<void> {
    return new Promise((resolve) => {
      let stopListening: (() => void) | undefined;
      const go = () => {
        clearTimeout(timer);
        stopListening?.();
        this.#go = undefined;
        resolve();
      };
      const timer = setTimeout(go, Math.min(ms, LONGEST_TIMER_MS));
      if (ref === false) timer.unref();
      if (signal) stopListening = onAbort(signal, go);
      this.#go = go;
    });
  }

  /** Leaves the line; whoever is the first now goes on. */
  end(): void {
    this.#line.delete(this);
    if (this.#line.size === 0) this.#keys.delete(this.#key);
    else this.#first!.#go?.();
  }

  get #first(): Turn | undefined {
    return this.#line.values().next().value;
  }
}
