import { BadValue, within } from './bad-value.ts';
import { Code, generatedOr, plus, type RecordCode } from './code.ts';
import type { Form } from './form.ts';
import { liveElements } from './live-array.ts';

/** Up to this many scalars are read by one array literal. */
const LITERAL_LIMIT = 32;

/** `count` elements in a row. */
export function arrayForm(element: Form, count: number): Form {
  const stride = element.byteLength;
  const label = element.label.replace(/^([^[]*)/, `$1[${count}]`);
  if (element.bits || element.promotes || element.hidden || element.bind) {
    throw new TypeError(`Cannot make ${label}: an element must be a value of its own, not ${element.kind}`);
  }
  if (element.alignas !== undefined && stride % element.alignas !== 0) {
    throw new TypeError(
      `Cannot make ${label}: its elements of ${stride} bytes cannot each be aligned to ${element.alignas}, align the array`,
    );
  }
  const made = generatedOr(
    () => generated(element, count, stride),
    () => undefined,
  );
  const read =
    made?.read ??
    ((view: DataView, at: number) => Array.from({ length: count }, (_, i) => element.read(view, at + i * stride)));
  const checkElements =
    made?.check ??
    ((value: ArrayLike<unknown>) => {
      for (let i = 0; i < count; i += 1) checkElement(element, value[i], i);
    });
  const storeElements =
    made?.store ??
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
    check(value) {
      const list = asList(value, count);
      checkElements(list);
    },
    store: (view, at, value) => storeElements(view, at, asList(value, count)),
    live: liveElements(element, count, stride),
    ...(made &&
      count * (element.code?.weight ?? 99) <= LITERAL_LIMIT && {
        code: literalCode(element, count, stride, () => form),
      }),
    element: { form: element, stride, count },
    schema: () => ['array', element.schema(), count],
  };
  return form;
}

function checkElement(element: Form, value: unknown, index: number): void {
  try {
    element.check(value);
  } catch (error) {
    within(error, `[${index}]`);
  }
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
  const guarded = element.code.set(code, 'e', '');
  return code.run(
    `return {read:(v,at)=>{${count <= LITERAL_LIMIT ? `return ${literal(element, code, 'at', count, stride)}` : `const a=[];${loop(`a.push(${element.code.get(code, 'p')});`)}return a`}},` +
      `check:(x)=>{let i=0;try{for(;i<${count};i+=1){const e=x[i];${guarded.check}}}catch(error){${code.use(within, 'within')}(error,'['+i+']')}},` +
      `store:(v,at,x)=>{${loop(`const e=x[i];${guarded.check}${guarded.put('p')}`)}}}`,
  );
}

function literal(element: Form, code: Code, at: string, count: number, stride: number): string {
  return `[${Array.from({ length: count }, (_, i) => element.code!.get(code, plus(at, i * stride))).join(',')}]`;
}

/** Short arrays of scalars are read in line by the record around them. */
function literalCode(element: Form, count: number, stride: number, form: () => Form): RecordCode {
  return {
    weight: count * element.code!.weight,
    get: (code, at) => literal(element, code, at, count, stride),
    set(code, value, path) {
      const name = code.use(form(), 'form');
      const check = `${code.use(checkArray, 'checkArray')}(${name},${value},${JSON.stringify(path)});`;
      return { check, put: (at) => `${name}.store(v,${at},${value});` };
    },
  };
}

function checkArray(form: Form, value: unknown, path: string): void {
  try {
    form.check(value);
  } catch (error) {
    within(error, path);
  }
}
