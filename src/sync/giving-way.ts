/**
 * How long a Promise for reading, of a thread that reads already, gives way to a writer that waits.
 *
 * It may be nested: who awaits it holds what the writer waits for, so it has to get in some time. Or it is another task of
 * the thread: if such ones were let in at once, two that overlap would keep the writer out for ever. Nobody can tell them
 * apart, so it waits: long enough for tasks that hold the lock shortly, and twice as long each time that the same writer has
 * been overtaken. So every nested read gets in, and every writer, unless somebody reads without an end.
 */

/** The first time. */
const FIRST_MS = 50;

export class GivingWay {
  #writer = 0;
  #ms = FIRST_MS;

  /** Whether a read that asked at `since` still gives way to that writer; it goes past if not. */
  to(writer: number, since: number): boolean {
    if (writer === 0) return false;
    if (writer !== this.#writer) {
      this.#writer = writer;
      this.#ms = FIRST_MS;
    }
    if (performance.now() - since < this.#ms) return true;
    this.#ms *= 2;
    return false;
  }

  /** No writer waits. */
  end(): void {
    this.#writer = 0;
  }
}
