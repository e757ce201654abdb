import { asError } from './bad-value.ts';
import { Code, generatedOr, plus } from './code.ts';
import { storeChecked } from './entry-points.ts';
import type { Form, Member } from './form.ts';
import { accessible, type LiveClass, type LiveMode } from './live-class.ts';
import { closureClass } from './live-closures.ts';
import { assignChecked, inspectLive, jsonable, refuseWrite } from './live-methods.ts';
import { InnerPath } from './live-path.ts';

/** Makes live objects of a record form. */
export function liveMaker(form: Form): Required<Pick<Form, 'live' | 'openClass'>> {
  let Open: LiveClass | undefined;
  let Sealed: LiveClass | undefined;
  const open = () => {
    Open ??= liveClass(form, 'open');
    return Open;
  };
  return {
    live(range, at, path) {
      if (range.access !== 'read') return new (open())(range, range.dataView, at, path);
      Sealed ??= liveClass(form, 'sealed');
      return new Sealed(range, range.dataView, at, path);
    },
    openClass: () => ({ Class: open(), needsRange: hasObjects(form.members!) }),
  };
}

/** Whether some member is an object of its own, which needs the range. */
function hasObjects(members: readonly Member[]): boolean {
  return members.some((m) => (m.promoted ? hasObjects(m.form.members!) : m.form.live !== undefined));
}

/**
 * One class for each struct and mode, with the offsets as constants in its prototype accessors.
 *
 * Each struct gets code of its own: closures made at one place share their type feedback, and with it 20 struct types
 * in one process would make every access megamorphic (8 times slower).
 */
export function liveClass(form: Form, mode: LiveMode): LiveClass {
  const made = generatedOr(
    () => generate(form, mode),
    () => closureClass(form, mode),
  );
  Object.defineProperty(made, 'name', { value: form.label, configurable: true });
  return made;
}

const VIEW = Symbol('view');
const OFFSET = Symbol('byteOffset');
const RANGE = Symbol('range');
const PATH = Symbol('path');
/** Live members of another class than their slot is for, by slot. */
const OTHERS = Symbol('others');

function generate(form: Form, mode: LiveMode): LiveClass {
  const code = new Code();
  const isOpen = mode === 'open';
  const fields = new Set<string>();
  const at = (name: string, symbol: symbol, self = 'this') => {
    if (isOpen) return `${self}[${code.use(symbol, 'symbol')}]`;
    fields.add(`#${name}`);
    return `${self}.#${name}`;
  };
  const view = at('view', VIEW);
  const offset = at('offset', OFFSET);
  const path = at('path', PATH);
  const label = JSON.stringify(form.label);
  const guard = (step?: string) => {
    if (isOpen) return '';
    const refuse = `${code.use(refuseWrite, 'refuseWrite')}(${step === undefined ? path : `${path},${step}`});`;
    if (mode === 'sealed') return refuse;
    fields.add('#writable');
    return `if(!this.#writable)${refuse}`;
  };
  const sealed = mode === 'sealed';
  const bodies: string[] = [];
  const slots: { slot: string; vacant: string }[] = [];
  /** Functions that are not the object's, and yet reach its private fields. */
  const helpers: { name: string; text: string }[] = [];

  for (const { member: m, byteOffset } of accessible(form.members!, 0)) {
    const key = JSON.stringify(m.key);
    const step = JSON.stringify(`.${m.key}`);
    const place = plus('at', byteOffset);
    const memberForm = code.use(m.form, 'form');
    if (m.form.live) {
      const index = slots.length;
      const own = (name: string, symbol: symbol) => at(name, symbol, 'o');
      const slot = (self: string) => at(`slot${index}`, slotSymbol(index), self);
      // Making stands outside, for the getter to be short: then it is put in line, and making is not.
      const vacant = sealed || !m.form.vacant ? 'undefined' : code.use(m.form.vacant, 'vacant');
      // Of an outermost object the path is known here.
      const path = `${own('path', PATH)}===${label}?${JSON.stringify(`${form.label}.${m.key}`)}:new ${code.use(InnerPath, 'InnerPath')}(${own('path', PATH)},${step})`;
      const made = `const made=${memberForm}.live(${own('range', RANGE)},${plus(own('offset', OFFSET), byteOffset)},${path});`;
      const keep = `${slot('o')}=made;`;
      let [before, after] = ['', keep];
      if (vacant !== 'undefined') {
        const others = own('others', OTHERS);
        before = `const other=${others}?.[${index}];if(other)return other;`;
        after = `if(${code.use(sameClass, 'sameClass')}(made,${vacant}))${keep}else(${others}??=[])[${index}]=made;`;
      }
      helpers.push({ name: `make${index}`, text: `(o)=>{${before}${made}${after}return made}` });
      slots.push({ slot: slot('this'), vacant });
      bodies.push(`get ${key}(){const known=${slot('this')};return known===${vacant}?make${index}(this):known}`);
    } else if (m.form.code) {
      bodies.push(`get ${key}(){const v=${view},at=${offset};return ${m.form.code.get(code, place)}}`);
    } else {
      bodies.push(`get ${key}(){return ${memberForm}.read(${view},${plus(offset, byteOffset)})}`);
    }
    if (m.form.hidden) continue;
    if (sealed) bodies.push(`set ${key}(x){${guard(step)}}`);
    else if (m.form.code && !m.form.live && m.form.code.quick) {
      const name = `refuse${helpers.length}`;
      const error = `${code.use(asError, 'asError')}(error,${at('path', PATH, 'o')}+${step})`;
      helpers.push({ name, text: `(x,o)=>{try{${memberForm}.check(x)}catch(error){throw ${error}}}` });
      const set = m.form.code.quick(code, view, plus(offset, byteOffset), name);
      bodies.push(`set ${key}(x){${guard(step)}${set}}`);
    } else {
      const store = code.use(storeChecked, 'storeChecked');
      bodies.push(
        `set ${key}(x){${guard(step)}${store}(${memberForm},${view},${plus(offset, byteOffset)},x,${path},${step})}`,
      );
    }
  }

  const self = code.use(form, 'form');
  bodies.push(
    `snapshot(){return ${self}.read(${view},${offset})}`,
    `toJSON(){return ${code.use(jsonable, 'jsonable')}(this.snapshot())}`,
    `assign(x){${guard()}${sealed ? '' : `${code.use(assignChecked, 'assignChecked')}(${self},${view},${offset},x,${path})`}}`,
    `[${code.use(Symbol.for('nodejs.util.inspect.custom'), 'symbol')}](depth,options,inspect){return ${code.use(inspectLive, 'inspectLive')}(${label},()=>this.snapshot(),depth,options,inspect)}`,
  );
  const needsRange = slots.length > 0;
  const hasOthers = slots.some(({ vacant }) => vacant !== 'undefined');
  const writable = fields.has('#writable') ? `this.#writable=range.access!=='read';` : '';
  // The path first: at the end of these stores it would make the object slower to make.
  const init = `${path}=path;${needsRange ? `${at('range', RANGE)}=range;` : ''}${writable}${view}=view;${offset}=at;${slots.map(({ slot, vacant }) => `${slot}=${vacant};`).join('')}${hasOthers ? `${at('others', OTHERS)}=undefined;` : ''}`;
  const declared = [...fields].map((f) => `${f};`).join('');
  const members = bodies.join('\n');
  // The class is strict, what stands outside is not: a frozen object silently keeps nothing there.
  if (isOpen) {
    const outside = helpers.map(({ name, text }) => `const ${name}=${text};`).join('');
    return code.run(`${outside}return class{constructor(range,view,at,path){${init}}${members}}`, '');
  }
  const names = helpers.map(({ name }) => name).join(',');
  const inside = helpers.map(({ name, text }) => `${name}=${text};`).join('');
  return code.run(
    `${names && `var ${names};`}return class{${declared}constructor(range,view,at,path){${init}}static{${inside}}${members}}`,
  );
}

function sameClass(made: object, vacant: object): boolean {
  return Object.getPrototypeOf(made) === Object.getPrototypeOf(vacant);
}

const slotSymbols: symbol[] = [];

function slotSymbol(index: number): symbol {
  slotSymbols[index] ??= Symbol(`slot${index}`);
  return slotSymbols[index];
}
