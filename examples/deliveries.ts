/** Checks that of every producer each number arrives once, in order. The last ones of a dead one may not have been sent. */
export class Deliveries {
  readonly #next = new Map<number, number>();
  #lost = 0;
  #twice = 0;

  add(producer: number, number: number): void {
    const next = this.#next.get(producer) ?? 0;
    if (number < next) this.#twice += 1;
    else {
      this.#lost += number - next;
      this.#next.set(producer, number + 1);
    }
  }

  get count(): { readonly lost: number; readonly twice: number } {
    return { lost: this.#lost, twice: this.#twice };
  }
}
