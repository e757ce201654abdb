/** What a live object is called in messages, from the outermost object on: `world.players[3].pos`. */
export type LivePath = string | InnerPath;

/** The path of a member or an element. Hardly any is ever asked for, so it is put together when a message needs it. */
export class InnerPath {
  readonly outer: LivePath;
  /** `.pos` or the index of an element. */
  readonly step: string | number;

  constructor(outer: LivePath, step: string | number) {
    this.outer = outer;
    this.step = step;
  }

  toString(): string {
    return `${this.outer}${typeof this.step === 'number' ? `[${this.step}]` : this.step}`;
  }
}

/** The path of what cannot be written in memory that can. */
export class LackingPath extends InnerPath {
  readonly reason: string;

  constructor(outer: LivePath, reason: string) {
    super(outer, '');
    this.reason = reason;
  }
}
