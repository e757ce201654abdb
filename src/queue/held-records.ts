/** A record in our hands, to be given back when the queue object is closed. */
export interface Held {
  /** Where {@link HeldRecords} keeps it. */
  place: number;
  giveBack(): void;
}

/** The open claims and deliveries of one queue object. A Set would cost more than a message. */
export class HeldRecords {
  readonly #records: Held[] = [];

  add(record: Held): void {
    record.place = this.#records.length;
    this.#records.push(record);
  }

  delete(record: Held): void {
    const last = this.#records.pop()!;
    if (last === record) return;
    this.#records[record.place] = last;
    last.place = record.place;
  }

  /** Each takes itself out. */
  giveAllBack(): void {
    for (let last = this.#records.at(-1); last; last = this.#records.at(-1)) last.giveBack();
  }
}
