import { type MemoryRange, memoryRange } from '../base/memory.ts';
import { storeChecked } from './entry-points.ts';
import type { Form } from './form.ts';
import { accessible, type LiveClass, type LiveMode } from './live-class.ts';
import { assignChecked, inspectLive, jsonable, refuseWrite } from './live-methods.ts';
import { InnerPath, type LivePath } from './live-path.ts';

/** Where a live object stands, reachable for this file alone. */
interface Place {
  readonly range: MemoryRange;
  readonly view: DataView;
  readonly at: number;
  readonly path: LivePath;
  readonly made: unknown[];
}

/** The same class as generated code makes, from closures, for runtimes that compile none. */
export function closureClass(form: Form, mode: LiveMode): LiveClass {
  const places = new WeakMap<object, Place>();
  const placeOf = (live: object): Place => {
    const place = places.get(live);
    if (place === undefined) throw new TypeError(`Cannot use this as a ${form.label}: it is no live object`);
    return place;
  };
  const guard = (place: Place, step?: string) => {
    if (mode === 'sealed' || place.range.access === 'read') refuseWrite(place.path, step);
  };
  const made = class {
    constructor(range: MemoryRange | undefined, view: DataView, at: number, path: LivePath) {
      places.set(this, { range: range ?? memoryRange(view), view, at, path, made: [] });
    }
    snapshot() {
      const { view, at } = placeOf(this);
      return form.read(view, at);
    }
    toJSON() {
      return jsonable(this.snapshot());
    }
    assign(partial: unknown) {
      const place = placeOf(this);
      guard(place);
      assignChecked(form, place.view, place.at, partial, place.path);
    }
    [Symbol.for('nodejs.util.inspect.custom')](...args: [number, never, never]) {
      return inspectLive(form.label, () => this.snapshot(), ...args);
    }
  };
  let index = 0;
  for (const { member, byteOffset } of accessible(form.members!, 0)) {
    const slot = index++;
    const step = `.${member.key}`;
    Object.defineProperty(made.prototype, member.key, {
      configurable: true,
      get(this: object) {
        const place = placeOf(this);
        if (!member.form.live) return member.form.read(place.view, place.at + byteOffset);
        place.made[slot] ??= member.form.live(place.range, place.at + byteOffset, new InnerPath(place.path, step));
        return place.made[slot];
      },
      ...(!member.form.hidden && {
        set(this: object, value: unknown) {
          const place = placeOf(this);
          guard(place, step);
          storeChecked(member.form, place.view, place.at + byteOffset, value, place.path, step);
        },
      }),
    });
  }
  return made;
}
