import { readOnlyError } from '../base/errors.ts';
import { type Memory, type MemoryRange, memoryRange } from '../base/memory.ts';
import { asError } from './bad-value.ts';
import { checkBounds } from './bounds.ts';
import { Code, generatedOr } from './code.ts';
import type { Form } from './form.ts';
import { type Found, lookForUnknown } from './known-fields.ts';
import type { LivePath } from './live-path.ts';
import { probeText, setText } from './set-text.ts';
import { storeWhole } from './store-whole.ts';
import { taken } from './taken.ts';

/** The three ways into a codec, for one form. */
export interface EntryPoints {
  read(memory: Memory, byteOffset?: number): unknown;
  write(memory: Memory, byteOffset: number, value: unknown): void;
  live(memory: Memory, byteOffset?: number): unknown;
}

/** So many first writes look for unknown fields each time, later ones at one in so many. */
const ALWAYS_LOOKED_AT = 256;
const SAMPLE = 128;

/**
 * `read` for a form, as one generated function that call sites take in line. Whatever is not the plain case (other
 * memory than a DataView, a bad offset, a value that does not decode) falls through to the closures, which say why.
 */
export function readEntry(form: Form): EntryPoints['read'] {
  const plain: EntryPoints['read'] = (memory, byteOffset = 0) => {
    const view = viewOf(memory);
    checkBounds(form, view, byteOffset);
    return form.read(view, byteOffset);
  };
  return generatedOr(
    () => {
      if (!form.code || form.byteLength === 0) return plain;
      const code = new Code();
      const get = form.code.get(code, 'at');
      const slow = (memory: Memory, at: number): unknown =>
        memory instanceof DataView ? plain(memory, at) : entry(viewOf(memory), at);
      const entry = code.run<EntryPoints['read']>(
        `return (v,at=0)=>{try{if(${plainCase(code)}){${form.code.reach < form.byteLength ? probeText(form.byteLength) : ''}return ${get}}}catch{}return ${code.use(slow)}(v,at)}`,
      );
      return entry;
    },
    () => plain,
  );
}

/**
 * `write` for a form, in the same way. Nothing has been stored when it falls through.
 *
 * Unknown fields change no byte (a misspelt one leaves its member missing, which is always seen), but looking for them
 * costs as much as all stores together. Objects of one origin look alike, so it is a sample once many have passed.
 */
export function writeEntry(form: Form): EntryPoints['write'] {
  const plain: EntryPoints['write'] = (memory, byteOffset, value) => {
    const view = writableView(memory, form);
    checkBounds(form, view, byteOffset);
    storeChecked(form, view, byteOffset, value, form.label);
  };
  return generatedOr(
    () => {
      if (!form.code || form.byteLength === 0 || form.unchecked) return plain;
      // Between check and store no code of others runs, or it could take the stage away: a codec of one's own stores itself.
      const code = new Code(!hasCustom(form));
      // A strict one looks each time: a look leaves the next write, its own, alone.
      const [later, alone] = form.strict ? [1, 2] : [SAMPLE, SAMPLE];
      let always = ALWAYS_LOOKED_AT;
      /** Answers in how many writes the next look is due. One that throws leaves it due. */
      const slow = (view: DataView, at: number, value: unknown): number => {
        plain(view, at, value);
        always -= 1;
        return always > 0 ? 1 : later;
      };
      const viewFor = (memory: Memory) => writableView(memory, form);
      const other =
        `if(!(v instanceof ${code.use(DataView)}))write(${code.use(viewFor)}(v),at,x);` +
        `else if(left!==1)${code.use(plain)}(v,at,x);else{left=${code.use(slow)}(v,at,x);sampling||=left>1}`;
      const found: Found = { known: true };
      const look = code.use(lookForUnknown(form, found));
      const sampled = `const own=${look}(x);if(${code.use(found)}.known){left=${alone};write(v,at,own)}else other(v,at,own)`;
      const text = setText(code, form.code, form.byteLength);
      // `left`: the next look is due in so many writes, 1 is the one that comes. -1 while values are on the stage: a getter may
      // write by the same code, which then leaves the stage alone.
      const [enter, leave] = code.isStaged ? ['left=-1;', 'if(n>0)left=n;'] : ['left=n;', ''];
      return code.run<EntryPoints['write']>(
        `var left=1,sampling=${form.strict === true};const other=${code.use(outOfLine)}((v,at,x)=>{${other}});` +
          `const sample=(v,at,x)=>{${sampled}};` +
          `const write=(v,at,x)=>{const n=left-1;if(n===0&&sampling)return sample(v,at,x);` +
          `try{if(${plainCase(code)}&&n>0){${enter}${text}}}catch{}${leave}other(v,at,x)};return write`,
      );
    },
    () => plain,
  );
}

/**
 * An expression for: a DataView and an offset. V8 knows the constructor from the DataView's shape, so that asking costs nothing;
 * finding out by what other memory throws costs it 10 µs for the stack of the error.
 */
function plainCase(code: Code): string {
  return `(at>>>0)===at&&v.constructor===${code.use(DataView)}`;
}

/**
 * The first writes of a codec go the slow way, so V8 would take that for a usual one and put it in line beside the fast
 * one, which then takes half as long again. The call of a proxy is never put in line.
 */
function outOfLine<F extends (...args: never[]) => unknown>(run: F): F {
  return new Proxy(run, {});
}

/** `live` for a form. */
export function liveEntry(form: Form): EntryPoints['live'] {
  const live = form.live ?? ((range, at) => liveValue(form, range, at));
  const plain: EntryPoints['live'] = (memory, byteOffset = 0) => {
    const range = memoryRange(memory);
    checkBounds(form, range.dataView, byteOffset);
    return live.call(form, range, byteOffset, form.label);
  };
  return generatedOr(
    () => {
      const open = form.openClass?.();
      if (!open || form.byteLength === 0) return plain;
      const code = new Code();
      const range = open.needsRange ? "{dataView:v,access:'readwrite',originKey:0}" : 'undefined';
      const make = `new ${code.use(open.Class)}(${range},v,at,${JSON.stringify(form.label)})`;
      return code.run<EntryPoints['live']>(
        `return (v,at=0)=>{try{if(${plainCase(code)}){${probeText(form.byteLength)}return ${make}}}catch{}return ${code.use(plain)}(v,at)}`,
      );
    },
    () => plain,
  );
}

function hasCustom(form: Form): boolean {
  if (form.kind === 'custom') return form.hidden !== true;
  return (form.members ?? []).some((m) => hasCustom(m.form)) || (form.element ? hasCustom(form.element.form) : false);
}

function viewOf(memory: Memory): DataView {
  return memory instanceof DataView ? memory : memoryRange(memory).dataView;
}

function writableView(memory: Memory, form: Form): DataView {
  if (memory instanceof DataView) return memory;
  const range = memoryRange(memory);
  if (range.access === 'read') throw readOnlyError(form.label);
  return range.dataView;
}

/** A scalar has no object of its own: a box with one property stands for it. */
function liveValue(form: Form, range: MemoryRange, at: number): object {
  const view = range.dataView;
  const box = Object.defineProperty({}, 'value', {
    enumerable: true,
    get: () => form.read(view, at),
    set: (value: unknown) => {
      if (range.access === 'read') throw readOnlyError(form.label);
      storeChecked(form, view, at, value, form.label);
    },
  });
  return Object.freeze(box);
}

/** Takes, then stores: what live setters do. */
export function storeChecked(form: Form, view: DataView, at: number, value: unknown, path: LivePath, step = ''): void {
  try {
    const own = taken(form, value);
    // A getter of the value may have made the memory shorter; primitives have none.
    if (form.take) checkBounds(form, view, at);
    form.checkRoom?.(view, at, own, {});
    if (form.unchecked) storeWhole(form, view, at, () => form.store(view, at, own));
    else form.store(view, at, own);
  } catch (error) {
    throw asError(error, `${path}${step}`);
  }
}
