import { Code } from './code.ts';

type Guard = (value: unknown, refuse: (value: unknown, live: unknown) => void, live: unknown) => void;

const known = new Map<string, Guard>();

/** More calls than V8 lets a function run without remembering what happens in it. */
const TRIES = 200;

/**
 * A function that calls `refuse` for a value that fails the test, which is text about `x`; one for each text.
 *
 * Live setters call it, and V8 takes it in line. Were the call of `refuse` in the setter itself, it would never have run
 * where the setter is optimised. V8 makes the end of its code from that, and a loop that it may leave so it does not
 * unroll: a third more time for `live.hp = i`. So the failing branch is run before the first use, on text, which no test
 * of a scalar lets pass, and with several functions, so that V8 binds itself to none.
 */
export function liveGuard(test: string): Guard {
  let guard = known.get(test);
  if (!guard) {
    guard = new Code().run<Guard>(`return (x,refuse,live)=>{if(!(${test}))refuse(x,live)}`);
    const refusals = [() => undefined, () => null, () => true, () => false, () => 0];
    for (let i = 0; i < TRIES; i += 1) guard('', refusals[i % refusals.length]!, undefined);
    known.set(test, guard);
  }
  return guard;
}
