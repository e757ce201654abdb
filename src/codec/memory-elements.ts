import type { MemoryRange } from '../base/memory.ts';
import { asError } from './bad-value.ts';
import { checkElementRooms } from './element-form.ts';
import type { Form } from './form.ts';
import { inspectLive, jsonable, refuseWrite } from './live-methods.ts';
import { InnerPath, type LivePath } from './live-path.ts';
import { storeElements, undoing } from './store-whole.ts';
import { takenAt } from './taken.ts';

/** Where elements stand. */
export interface Elements {
  readonly element: Form;
  readonly count: number;
  readonly stride: number;
  readonly at: number;
}

/** What a live array is made of. */
export interface ElementsPlace {
  /** For arrays whose place or count stands in the memory itself: asked anew at each use. */
  readonly elements: Elements | (() => Elements);
  readonly range: MemoryRange;
  readonly path: LivePath;
}

/** Falls in for `array[3]`: behind the methods in the prototype chain, so that they never meet it. */
const byIndex = new Proxy(Object.create(null) as object, {
  get(_, key, receiver: MemoryElements) {
    const index = indexOf(key);
    return index === undefined ? Reflect.get(Object.prototype, key, receiver) : receiver.get(index);
  },
  set(_, key, value, receiver: MemoryElements) {
    const index = indexOf(key);
    if (index === undefined)
      return Reflect.defineProperty(receiver, key, { value, writable: true, configurable: true });
    receiver.set(index, value);
    return true;
  },
  has: (_, key) => key in Object.prototype,
  getPrototypeOf: () => Object.prototype,
});

function indexOf(key: string | symbol): number | undefined {
  if (typeof key !== 'string') return undefined;
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && String(index) === key ? index : undefined;
}

/** An index as typed arrays take it: without its fraction, and 0 for what is no number. */
function integer(index: unknown): number {
  return Math.trunc(index as number) || 0;
}

/**
 * A live array of what has no typed array: structs, strings, unaligned numbers, everything over read-only memory.
 *
 * Private fields keep the view from whoever may only read.
 */
export class MemoryElements {
  readonly #place: ElementsPlace;
  readonly #fixed: Elements | undefined;
  readonly #view: DataView;
  /** Live elements, each with the place that it was made for. */
  readonly #made: { at: number; element: Form; live: unknown }[] = [];

  static {
    Object.setPrototypeOf(MemoryElements.prototype, byIndex);
    Object.defineProperty(MemoryElements.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: MemoryElements, ...args: [number, never, never]): string {
        return inspectLive(`${this.#place.path}`, () => this.toArray(), ...args);
      },
    });
  }

  constructor(place: ElementsPlace) {
    this.#place = place;
    this.#fixed = typeof place.elements === 'function' ? undefined : place.elements;
    this.#view = place.range.dataView;
  }

  get #elements(): Elements {
    return this.#fixed ?? (this.#place.elements as () => Elements)();
  }

  get length(): number {
    return this.#elements.count;
  }

  get(index: number): unknown {
    const elements = this.#elements;
    if (!(index >= 0 && index < elements.count && Number.isInteger(index))) return undefined;
    const { element } = elements;
    const at = elements.at + index * elements.stride;
    if (element.live === undefined) return element.read(this.#view, at);
    const known = this.#made[index];
    if (known !== undefined && known.at === at && known.element === element) return known.live;
    const { range, path } = this.#place;
    const live = element.live(range, at, new InnerPath(path, index));
    this.#made[index] = { at, element, live };
    return live;
  }

  at(index: number): unknown {
    const i = integer(index);
    return this.get(i < 0 ? this.length + i : i);
  }

  set(index: number | ArrayLike<unknown>, value?: unknown): void {
    const { path, range } = this.#place;
    if (range.access === 'read') refuseWrite(path, typeof index === 'number' ? `[${index}]` : '');
    if (typeof index === 'number') this.#store(index, [value], true);
    else this.#store(integer(value), index, false);
  }

  fill(value: unknown, start?: number, end?: number): this {
    const { path, range } = this.#place;
    if (range.access === 'read') refuseWrite(path);
    const { length } = this;
    const clamp = (index: number) => Math.min(length, Math.max(0, index < 0 ? length + index : index));
    const from = clamp(integer(start));
    const to = end === undefined ? length : clamp(integer(end));
    this.#store(from, Array(Math.max(0, to - from)).fill(value), false);
    return this;
  }

  /** Takes all, then stores all. */
  #store(start: number, values: ArrayLike<unknown>, single: boolean): void {
    const { path } = this.#place;
    const { element, stride, count, at } = this.#elements;
    if (!Number.isInteger(start) || start < 0 || start + values.length > count) {
      const what = single ? `element ${start}` : `elements ${start} to ${start + values.length - 1}`;
      throw new RangeError(`Cannot write ${path}: it has no ${what}, its length is ${count}`);
    }
    const view = this.#view;
    const first = at + start * stride;
    try {
      const own = Array.from({ length: values.length }, (_, i) => takenAt(element, values[i], `[${start + i}]`));
      checkElementRooms(element, view, first, stride, own, start);
      if (element.unchecked) undoing(() => storeElements(element, view, first, stride, own));
      else storeElements(element, view, first, stride, own);
    } catch (error) {
      throw asError(error, `${path}`);
    }
  }

  toArray(): unknown[] {
    const { element, stride, count, at } = this.#elements;
    const values: unknown[] = [];
    for (let i = 0; i < count; i += 1) values.push(element.read(this.#view, at + i * stride));
    return values;
  }

  toJSON(): unknown {
    return jsonable(this.toArray());
  }

  *[Symbol.iterator](): Generator<unknown> {
    for (let i = 0; i < this.length; i += 1) yield this.get(i);
  }
}

export function memoryElements(place: ElementsPlace): object {
  return Object.freeze(new MemoryElements(place));
}
