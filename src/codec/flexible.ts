import type { ListInput, LiveArray } from './array-types.ts';
import { BadValue } from './bad-value.ts';
import type { AnyCodec, Codec, Infer, InferInput } from './codec.ts';
import { checkAdjacent, checkElementForm, checkElementRooms } from './element-form.ts';
import type { Form, Member } from './form.ts';
import { numberAt } from './header-field.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { type Elements, memoryElements } from './memory-elements.ts';
import type { InnerLive } from './scalars.ts';
import { storeElements } from './store-whole.ts';
import { takenList } from './taken.ts';

/** The codec of a flexible array member. */
export type FlexibleCodec<C extends AnyCodec> = Codec<
  Infer<C>[],
  LiveArray<InnerLive<C>, Infer<C>, InferInput<C>>,
  ListInput<InferInput<C>>
>;

/**
 * C `T name[];`, the last member: as many elements as `countField` says, or as the memory has room for.
 *
 * It adds nothing to the struct's `byteLength`; it is aligned as its element. The count is read anew at each use, since
 * other processes change it. `read` gives an array; `write` needs as many elements as the value's count field says, or
 * else the one in memory.
 *
 * @param countField the name of an integer member of the same struct
 * @throws TypeError for an element that is no value of its own
 * @throws RangeError from `read` and live elements when the count is more than the memory has room for
 * @throws RangeError from `write` for another number of elements than the count, or more than there is room for
 *
 * https://gcc.gnu.org/onlinedocs/gcc/Zero-Length.html
 *
 * @example
 * ```ts
 * import { flexible, struct, u16, u32 } from 'mapfile/codec';
 *
 * const List = struct('list', { count: u32, items: flexible(u16, 'count') });
 * const memory = new Uint8Array(16);
 * List.write(memory, 0, { count: 3, items: [1, 2, 3] });
 * console.log(List.byteLength, List.read(memory).items); // 4 [ 1, 2, 3 ]
 * ```
 */
export function flexible<C extends AnyCodec>(codec: C, countField?: string): FlexibleCodec<C> {
  const element = formIn(codec, 'flexible()');
  checkElementForm(element, `${element.label}[]`);
  checkAdjacent(element, `${element.label}[]`);
  const form = flexibleForm(element, countField, [], 0, `${element.label}[]`);
  return makeCodec(form);
}

function flexibleForm(
  element: Form,
  countField: string | undefined,
  members: readonly Member[],
  byteOffset: number,
  path: string,
): Form {
  const stride = element.byteLength;
  const room = (view: DataView, at: number) => Math.floor((view.byteLength - at) / stride);
  const elementsAt = (view: DataView, at: number): Elements => {
    const most = room(view, at);
    const count = countField === undefined ? most : numberAt(members, countField, view, at - byteOffset, path);
    if (count > most)
      throw new RangeError(`Cannot use ${path}: ${countField} is ${count}, the memory has room for ${most}`);
    return { element, count, stride, at };
  };
  const take = (value: unknown) => takenList(element, value);
  return {
    kind: 'flexible',
    label: element.label.replace(/^([^[]*)/, '$1[]'),
    abi: element.abi,
    byteLength: 0,
    alignment: element.alignment,
    ...(element.alignas !== undefined && { alignas: element.alignas }),
    read(view, at) {
      const { count } = elementsAt(view, at);
      return Array.from({ length: count }, (_, i) => element.read(view, at + i * stride));
    },
    check: (value) => void take(value),
    take,
    checkRoom(view, at, value, record) {
      const list = value as ArrayLike<unknown>;
      const { length } = list;
      const most = room(view, at);
      if (length > most)
        throw new BadValue(
          true,
          value,
          `at most ${most} elements, the memory has no room for more`,
          `${length} elements`,
        );
      // What a value leaves out stays as it is in memory.
      const given = countField === undefined ? length : record[countField];
      const count = given === undefined ? numberAt(members, countField!, view, at - byteOffset, path) : Number(given);
      if (count !== length)
        throw new BadValue(true, value, `${count} elements, as ${countField} says`, `${length} elements`);
      checkElementRooms(element, view, at, stride, list);
    },
    store: (view, at, value) => storeElements(element, view, at, stride, value as ArrayLike<unknown>),
    live(range, at, livePath) {
      return memoryElements({ elements: () => elementsAt(range.dataView, at), range, path: livePath });
    },
    bind: (before, offset, label) => flexibleForm(element, countField, before, offset, `${label}.${countField ?? ''}`),
    ...(countField !== undefined && { headerFields: [countField] }),
    ...(element.unchecked && { unchecked: true }),
    element: { form: element, stride, count: 0 },
    schema: () => ['flexible', element.schema(), countField ?? null],
  };
}
