import type { Attachment } from './attachment.ts';

/** How often the name is looked up while everything seems to be well. */
const LOOK_MS = 250;

/** Finds out that a publisher has ended and started again, under the same name but in other memory. */
export class Follower {
  readonly #reattach: (current: Attachment) => Attachment | undefined;
  #looked = Number.NEGATIVE_INFINITY;

  constructor(reattach: (current: Attachment) => Attachment | undefined) {
    this.#reattach = reattach;
  }

  /** The memory that has taken the place of `current`, if any; `now` looks however short ago the last look was. */
  look(current: Attachment, now: boolean): Attachment | undefined {
    const time = performance.now();
    if (!now && time - this.#looked < LOOK_MS) return undefined;
    this.#looked = time;
    return this.#reattach(current);
  }
}
