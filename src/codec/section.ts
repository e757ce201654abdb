import { show } from '../base/show.ts';
import type { ListInput, LiveArray } from './array-types.ts';
import { BadValue } from './bad-value.ts';
import { checkOptions } from './check-options.ts';
import type { AnyCodec, Codec, Infer, InferInput } from './codec.ts';
import { checkElementForm, checkElementRooms } from './element-form.ts';
import type { Form, Member } from './form.ts';
import { numberAt } from './header-field.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { type Elements, memoryElements } from './memory-elements.ts';
import type { OptionalMember } from './record-types.ts';
import type { InnerLive } from './scalars.ts';
import { shortened } from './shortened.ts';
import { storeElements } from './store-whole.ts';
import { takenList } from './taken.ts';

/** Where a section stands: each a member of the header by name, or a number. */
export interface SectionPlace {
  /** Bytes from the start of the header to the first element. */
  readonly offset: string | number;
  /** Bytes from one element to the next; the element's own size by default. */
  readonly stride?: string | number;
  readonly count: string | number;
}

/** The codec of a section. */
export type SectionCodec<C extends AnyCodec> = Codec<
  Infer<C>[],
  LiveArray<InnerLive<C>, Infer<C>, InferInput<C>>,
  ListInput<InferInput<C>>
> &
  OptionalMember;

/**
 * Elements that stand where the header says: the shape of HWiNFO, RTSS, Afterburner and RaceRoom. A section adds
 * nothing to the header's `byteLength`; it needs no alignment.
 *
 * The publisher's elements may be longer than the struct known here: what is behind is skipped. They may be shorter:
 * members that they lack read as zero and cannot be written. Place and count are read anew at each use.
 *
 * `read` gives an array; `write` may leave a section out, and given, it needs as many elements as the header's count says.
 *
 * @param codec of one element, as far as it is known here
 * @param place offset and stride in bytes, count in elements: each a member of the header by name, or a number
 * @throws TypeError for an element that is no value of its own, or a place that is neither a name nor a number
 * @throws RangeError from `read`, `write` and live elements when the section ends behind the memory
 * @throws RangeError from `read` when shorter elements lack a member whose codec has no value for 0: a strict enumeration
 *
 * @example
 * ```ts
 * import { section, struct, u32 } from 'mapfile/codec';
 *
 * const Item = struct('item', { id: u32 });
 * const Header = struct('header', {
 *   offset: u32,
 *   size: u32,
 *   count: u32,
 *   items: section(Item, { offset: 'offset', stride: 'size', count: 'count' }),
 * });
 * const memory = new Uint8Array(64);
 * new Uint32Array(memory.buffer).set([16, 8, 2, 0, 5, 0, 6]); // elements of 8 bytes: longer than Item
 * console.log(Header.read(memory).items); // [ { id: 5 }, { id: 6 } ]
 * ```
 */
export function section<C extends AnyCodec>(codec: C, place: SectionPlace): SectionCodec<C> {
  const element = formIn(codec, 'section()');
  const what = `a section of ${element.label}`;
  checkElementForm(element, what);
  checkOptions(what, place, { offset: undefined, stride: undefined, count: undefined });
  for (const [key, least] of [
    ['offset', 0],
    ['count', 0],
    ['stride', 1],
  ] as const) {
    const source = key === 'stride' ? (place.stride ?? element.byteLength) : place[key];
    if (typeof source === 'string' || (Number.isSafeInteger(source) && source >= least)) continue;
    throw new TypeError(
      `Cannot make ${what}: ${key} is ${show(source)}, expected a member's name or a number of ${least} or more`,
    );
  }
  return makeCodec(sectionForm(element, place, [], 0, `section of ${element.label}`)) as SectionCodec<C>;
}

function sectionForm(
  element: Form,
  place: SectionPlace,
  members: readonly Member[],
  byteOffset: number,
  path: string,
): Form {
  let short: { stride: number; form: Form } | undefined;
  const fitting = (stride: number): Form => {
    if (stride >= element.byteLength) return element;
    if (short?.stride !== stride) short = { stride, form: shortened(element, stride) };
    return short.form;
  };
  const number = (view: DataView, record: number, source: string | number | undefined) =>
    source === undefined
      ? element.byteLength
      : typeof source === 'number'
        ? source
        : numberAt(members, source, view, record, path);
  const elementsAt = (view: DataView, at: number): Elements => {
    const record = at - byteOffset;
    const count = number(view, record, place.count);
    const stride = number(view, record, place.stride);
    const start = record + number(view, record, place.offset);
    checkEnd(view, start, stride, count);
    return { element: fitting(stride), count, stride, at: start };
  };
  const checkEnd = (view: DataView, start: number, stride: number, count: number) => {
    if (count === 0 || (stride > 0 && start + count * stride <= view.byteLength)) return;
    throw new RangeError(
      `Cannot use ${path}: ${count} elements of ${stride} bytes from byte ${start} on, the memory has ${view.byteLength} bytes`,
    );
  };
  const take = (value: unknown) => takenList(element, value);
  return {
    kind: 'section',
    label: element.label.replace(/^([^[]*)/, '$1[…]'),
    abi: element.abi,
    byteLength: 0,
    alignment: () => 1,
    optional: true,
    read(view, at) {
      const { element: form, count, stride, at: start } = elementsAt(view, at);
      return Array.from({ length: count }, (_, i) => form.read(view, start + i * stride));
    },
    check: (value) => void take(value),
    take,
    checkRoom(view, at, value, record) {
      const { length } = value as ArrayLike<unknown>;
      const said = (source: string | number | undefined) =>
        typeof source === 'string' && record[source] !== undefined
          ? Number(record[source])
          : number(view, at - byteOffset, source);
      const [count, stride] = [said(place.count), said(place.stride)];
      if (count !== length)
        throw new BadValue(true, value, `${count} elements, as the header says`, `${length} elements`);
      if (stride < element.byteLength && count > 0) {
        throw new BadValue(
          true,
          value,
          `elements of ${element.byteLength} bytes, the header says ${stride}`,
          `${length} elements`,
        );
      }
      const start = at - byteOffset + said(place.offset);
      checkEnd(view, start, stride, count);
      checkElementRooms(element, view, start, stride, value as ArrayLike<unknown>);
    },
    store(view, at, value) {
      const { stride, at: start } = elementsAt(view, at);
      storeElements(element, view, start, stride, value as ArrayLike<unknown>);
    },
    live: (range, at, livePath) =>
      memoryElements({ elements: () => elementsAt(range.dataView, at), range, path: livePath }),
    bind: (before, offset, label) =>
      sectionForm(element, place, before, offset, `${label}'s section of ${element.label}`),
    headerFields: [place.offset, place.stride, place.count].filter((source) => typeof source === 'string'),
    ...(element.unchecked && { unchecked: true }),
    element: { form: element, stride: element.byteLength, count: 0 },
    schema: () => ['section', element.schema(), place.offset, place.stride ?? null, place.count],
  };
}
