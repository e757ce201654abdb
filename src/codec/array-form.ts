import { BadValue, within } from './bad-value.ts';
import { Code, generatedOr, plus, type RecordCode, type Setting } from './code.ts';
import { checkAdjacent, checkElementForm, checkElementRooms } from './element-form.ts';
import type { Form } from './form.ts';
import { liveElements } from './live-array.ts';
import { stagedElements } from './staged-elements.ts';
import { storesOf } from './store-text.ts';
import { takenAt, takenElements } from './taken.ts';
import { typedArray } from './typed-arrays.ts';

/** Up to this many scalars are read by one array literal. */
const LITERAL_LIMIT = 32;

/** Up to this many are locals of generated writers, which are put in line as long as they are short. */
const LOCALS_LIMIT = 6;

/** Other elements are locals where they make up to this many operations, as long as the writer is not long by then. */
const UNROLL_LIMIT = 24;
const SIZE_LIMIT = 256;

/** `count` elements in a row. */
export function arrayForm(element: Form, count: number): Form {
  const stride = element.byteLength;
  const label = element.label.replace(/^([^[]*)/, `$1[${count}]`);
  checkElementForm(element, label);
  checkAdjacent(element, label);
  const made = generatedOr(
    () => generated(element, count, stride),
    () => undefined,
  );
  const read =
    made?.read ??
    ((view: DataView, at: number) => Array.from({ length: count }, (_, i) => element.read(view, at + i * stride)));
  const take = (value: unknown): ArrayLike<unknown> => {
    const list = asList(value, count);
    if (!made || !element.code?.isScalar || element.take) return takenElements(element, list, count);
    const own = ArrayBuffer.isView(list) ? copyOf(list) : Array.prototype.slice.call(list, 0, count);
    // Shorter where something has taken its memory away.
    made.check(asList(own, count));
    return own;
  };
  const storeElements =
    (element.take ? undefined : made?.store) ??
    ((view: DataView, at: number, value: ArrayLike<unknown>) => {
      for (let i = 0; i < count; i += 1) element.store(view, at + i * stride, value[i]);
    });
  const form: Form = {
    kind: 'array',
    label,
    abi: element.abi,
    byteLength: stride * count,
    alignment: (abi) => element.alignment(abi),
    ...(element.alignas !== undefined && { alignas: element.alignas }),
    read,
    check: (value) => void take(value),
    take,
    store: (view, at, value) => storeElements(view, at, value as ArrayLike<unknown>),
    ...(element.checkRoom && {
      checkRoom(view: DataView, at: number, value: unknown) {
        checkElementRooms(element, view, at, stride, value as ArrayLike<unknown>);
      },
    }),
    ...liveElements(element, count, stride),
    ...(made && {
      code:
        element.code?.isScalar && count <= LITERAL_LIMIT
          ? literalCode(element, count, stride, () => form)
          : loopCode(element, count, stride, made, () => form),
    }),
    ...(element.unchecked && { unchecked: true }),
    element: { form: element, stride, count },
    schema: () => ['array', element.schema(), count],
  };
  return form;
}

function copyOf(list: ArrayLike<unknown>): ArrayLike<unknown> {
  return Uint8Array.prototype.slice.call(list);
}

/** An array-like of exactly `count`; our own live arrays are copied first, their index access is slow. */
function asList(value: unknown, count: number): ArrayLike<unknown> {
  if (typeof value === 'object' && value !== null && !(value instanceof DataView)) {
    const list = (
      !Array.isArray(value) && 'toArray' in value && typeof value.toArray === 'function' ? value.toArray() : value
    ) as ArrayLike<unknown>;
    if (list.length === count) return list;
    if (typeof list.length === 'number') {
      throw new BadValue(true, value, `${count} elements`, `${list.length} elements`);
    }
  }
  throw new BadValue(false, value, `an array of ${count} elements`);
}

interface Loops {
  read(view: DataView, at: number): unknown[];
  check(value: ArrayLike<unknown>): void;
  store(view: DataView, at: number, value: ArrayLike<unknown>): void;
}

/** Loops with the element's code in line, one set for each array type. */
function generated(element: Form, count: number, stride: number): Loops | undefined {
  if (!element.code) return undefined;
  const code = new Code();
  const loop = (body: string) => `for(let i=0,p=at;i<${count};i+=1,p+=${stride}){${body}}`;
  const { bind, guard, calls, put } = element.code.set(code, 'e', '');
  const refuse = `${code.use(element)}.check(e);`;
  const refused = guard === '' ? '' : `try{if(!(${guard}))throw 0}catch{${refuse}}`;
  const read =
    count <= LITERAL_LIMIT
      ? `return ${literal(element, code, 'at', count, stride)}`
      : `const a=[];${loop(`a.push(${element.code.get(code, 'p')});`)}return a`;
  const check = `let i=0;try{for(;i<${count};i+=1){const e=x[i];${bind}${refused}${calls}}}catch(error){${code.use(within)}(error,'['+i+']')}`;
  return code.run(
    `return {read:(v,at)=>{${read}},check:(x)=>{${check}},store:(v,at,x)=>{${loop(`const e=x[i];${bind}${put('p')}`)}}}`,
  );
}

function literal(element: Form, code: Code, at: string, count: number, stride: number): string {
  return `[${Array.from({ length: count }, (_, i) => element.code!.get(code, plus(at, i * stride))).join(',')}]`;
}

/**
 * Short arrays of scalars are read in line by the record around them. The shortest are checked and stored there too, each
 * element read once into a local; those between are staged between their check and their store.
 */
function literalCode(element: Form, count: number, stride: number, form: () => Form): RecordCode {
  let staging: Staging | undefined;
  return {
    weight: count * element.code!.weight,
    reach: (count - 1) * stride + element.code!.reach,
    get: (code, at) => literal(element, code, at, count, stride),
    set(code, value, path) {
      const name = code.use(form());
      const own = code.local();
      const take = `${own}=${code.use(takenAt)}(${name},${value},${JSON.stringify(path)});`;
      const store = (at: string) => `${name}.store(v,${at},${own});`;
      if (code.isGuarded && count <= LOCALS_LIMIT) return localSetting(code, element, count, stride, value);
      const held = [{ local: own }];
      if (!code.mayStage) return { bind: `var ${own};`, guard: '', calls: take, put: store, held, reach: 0 };
      staging ??= stagingOf(element, count, stride);
      const stage = code.stage(typedArray(element.kind, count) ?? Array(count).fill(0));
      const isTaken = code.local();
      return {
        bind: `var ${own},${isTaken}=${code.use(staging.take)}(${value},${stage});`,
        guard: '',
        calls: `if(!${isTaken})${take}`,
        put: (at) => `if(${isTaken})${code.use(staging!.give)}(v,${at},${stage});else ${store(at)}`,
        held,
        reach: 0,
      };
    },
  };
}

/**
 * Elements, or their members, as locals. What is no array is copied into one first; what is wrong falls through to the
 * closures.
 */
function localSetting(code: Code, element: Form, count: number, stride: number, value: string): Setting {
  const locals = Array.from({ length: count }, () => code.local());
  const parts = locals.map((local, i) => {
    const source = `${value}[${i}]`;
    const part = element.code!.set(code, local, '', source);
    const setting = { ...part, bind: part.bound ? part.bind : `${local}=${source};${part.bind}` };
    return { setting, byteOffset: i * stride, byteLength: stride };
  });
  const copy = code.use((other: unknown) => {
    const list = asList(other, count);
    return Array.from({ length: count }, (_, i) => list[i]);
  });
  const join = (key: 'bind' | 'calls') => parts.map(({ setting }) => setting[key]).join('');
  const guards = [`${value}.length===${count}`, ...parts.map(({ setting }) => setting.guard)];
  return {
    bind: `if(!Array.isArray(${value}))${value}=${copy}(${value});var ${locals.join(',')};${join('bind')}`,
    guard: guards.filter((guard) => guard !== '').join('&&'),
    calls: join('calls'),
    held: parts.flatMap(({ setting }) => setting.held),
    ...storesOf(parts),
  };
}

/** Longer arrays, and those of records, are read by a call. Scalars are written by one too, other elements in loops. */
function loopCode(element: Form, count: number, stride: number, { read }: Loops, form: () => Form): RecordCode {
  return {
    weight: 2,
    reach: 0,
    get: (code, at) => `${code.use(read)}(v,${at})`,
    set(code, value, path) {
      if (code.isGuarded && !element.code!.isScalar) {
        const isShort = count * element.code!.weight <= UNROLL_LIMIT && code.size <= SIZE_LIMIT;
        if (isShort) return localSetting(code, element, count, stride, value);
        const staged = stagedElements(code, element, count, stride, value, (other) => asList(other, count));
        if (staged) return staged;
      }
      const [name, own] = [code.use(form()), code.local()];
      return {
        bind: `var ${own};`,
        guard: '',
        calls: `${own}=${code.use(takenAt)}(${name},${value},${JSON.stringify(path)});`,
        put: (at) => `${name}.store(v,${at},${own});`,
        held: [{ local: own }],
        reach: 0,
      };
    },
  };
}

/** Checks a plain array and puts it onto the stage; stores it from there. Anything else takes the way of the loops. */
interface Staging {
  take(value: unknown, stage: ArrayLike<unknown>): boolean;
  give(view: DataView, at: number, stage: ArrayLike<unknown>): void;
}

function stagingOf(element: Form, count: number, stride: number): Staging {
  const code = new Code();
  const part = (local: string) => element.code!.set(code, local, '');
  const elements = Array.from({ length: count }, (_, i) => {
    return { setting: part(`s[${i}]`), byteOffset: i * stride, byteLength: stride };
  });
  return code.run(
    `return {take:(x,s)=>{if(!Array.isArray(x)||x.length!==${count})return false;` +
      `for(let i=0;i<${count};i+=1){const e=x[i];if(!(${part('e').guard}))return false;s[i]=e}return true},` +
      `give:(v,at,s)=>{${storesOf(elements).put('at')}}}`,
  );
}
