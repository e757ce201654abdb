import { Code, generatedOr, plus } from './code.ts';
import { storeChecked } from './entry-points.ts';
import type { Form, Member } from './form.ts';
import { accessible, type LiveClass, type LiveMode } from './live-class.ts';
import { closureClass } from './live-closures.ts';
import { assignChecked, inspectLive, jsonable, refuseWrite } from './live-methods.ts';

/** Makes live objects of a record form. */
export function liveMaker(form: Form): Required<Pick<Form, 'live' | 'openClass'>> {
  let Open: LiveClass | undefined;
  let Sealed: LiveClass | undefined;
  const open = () => {
    Open ??= liveClass(form, 'open');
    return Open;
  };
  return {
    live(range, at) {
      if (range.access !== 'read') return new (open())(range, range.dataView, at);
      Sealed ??= liveClass(form, 'sealed');
      return new Sealed(range, range.dataView, at);
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
/** Live members of another class than their slot is for, by slot. */
const OTHERS = Symbol('others');

function generate(form: Form, mode: LiveMode): LiveClass {
  const code = new Code();
  const isOpen = mode === 'open';
  const fields = new Set<string>();
  const at = (name: string, symbol: symbol) => {
    if (isOpen) return `this[${code.use(symbol, 'symbol')}]`;
    fields.add(`#${name}`);
    return `this.#${name}`;
  };
  const view = at('view', VIEW);
  const offset = at('offset', OFFSET);
  const guard = (path: string) => {
    if (isOpen) return '';
    const refuse = `${code.use(refuseWrite, 'refuseWrite')}(${JSON.stringify(path)});`;
    if (mode === 'sealed') return refuse;
    fields.add('#writable');
    return `if(!this.#writable)${refuse}`;
  };
  const sealed = mode === 'sealed';
  const bodies: string[] = [];
  const slots: { slot: string; vacant: string }[] = [];
  const makers: string[] = [];

  for (const { member: m, byteOffset } of accessible(form.members!, 0)) {
    const key = JSON.stringify(m.key);
    const path = `${form.label}.${m.key}`;
    const place = plus('at', byteOffset);
    const bind = `const v=${view},at=${offset};`;
    if (m.form.live) {
      const index = slots.length;
      const made = (self: string) => {
        const own = (name: string, symbol: symbol) => at(name, symbol).replace('this', self);
        const place = `${own('range', RANGE)},${plus(own('offset', OFFSET), byteOffset)},${JSON.stringify(path)}`;
        return `${code.use(m.form, 'form')}.live(${place})`;
      };
      const slot = at(`slot${index}`, slotSymbol(index));
      if (sealed || !m.form.vacant) {
        slots.push({ slot, vacant: 'undefined' });
        bodies.push(`get ${key}(){return ${slot}??=${made('this')}}`);
      } else {
        // Making stands outside, for the getter to be short: then it is put in line, and making is not.
        const vacant = code.use(m.form.vacant, 'vacant');
        const others = at('others', OTHERS).replace('this', 'o');
        const keep = `if(${code.use(sameClass, 'sameClass')}(made,${vacant}))${slot.replace('this', 'o')}=made;else(${others}??=[])[${index}]=made;`;
        slots.push({ slot, vacant });
        makers.push(`make${index}`);
        bodies.push(
          `get ${key}(){const known=${slot};return known===${vacant}?make${index}(this):known}`,
          `static{make${index}=(o)=>{const other=${others}?.[${index}];if(other)return other;const made=${made('o')};${keep}return made}}`,
        );
      }
    } else if (m.form.code) {
      bodies.push(`get ${key}(){${bind}return ${m.form.code.get(code, place)}}`);
    } else {
      bodies.push(`get ${key}(){return ${code.use(m.form, 'form')}.read(${view},${plus(offset, byteOffset)})}`);
    }
    if (m.form.hidden) continue;
    if (sealed) bodies.push(`set ${key}(x){${guard(path)}}`);
    else if (m.form.code && !m.form.live && m.form.code.quick) {
      bodies.push(`set ${key}(x){${guard(path)}${m.form.code.quick(code, view, plus(offset, byteOffset), path)}}`);
    } else {
      const store = code.use(storeChecked, 'storeChecked');
      bodies.push(
        `set ${key}(x){${guard(path)}${store}(${code.use(m.form, 'form')},${view},${plus(offset, byteOffset)},x,${JSON.stringify(path)})}`,
      );
    }
  }

  const self = code.use(form, 'form');
  bodies.push(
    `snapshot(){return ${self}.read(${view},${offset})}`,
    `toJSON(){return ${code.use(jsonable, 'jsonable')}(this.snapshot())}`,
    `assign(x){${guard(form.label)}${sealed ? '' : `${code.use(assignChecked, 'assignChecked')}(${self},${view},${offset},x)`}}`,
    `[${code.use(Symbol.for('nodejs.util.inspect.custom'), 'symbol')}](depth,options,inspect){return ${code.use(inspectLive, 'inspectLive')}(${JSON.stringify(form.label)},()=>this.snapshot(),depth,options,inspect)}`,
  );
  const needsRange = slots.length > 0;
  const hasOthers = slots.some(({ vacant }) => vacant !== 'undefined');
  const writable = fields.has('#writable') ? `this.#writable=range.access!=='read';` : '';
  const init = `${needsRange ? `${at('range', RANGE)}=range;` : ''}${writable}${view}=view;${offset}=at;${slots.map(({ slot, vacant }) => `${slot}=${vacant};`).join('')}${hasOthers ? `${at('others', OTHERS)}=undefined;` : ''}`;
  const declared = [...fields].map((f) => `${f};`).join('');
  const outside = makers.length > 0 ? `let ${makers.join(',')};` : '';
  return code.run(`${outside}return class{${declared}constructor(range,view,at){${init}}${bodies.join('\n')}}`);
}

function sameClass(made: object, vacant: object): boolean {
  return Object.getPrototypeOf(made) === Object.getPrototypeOf(vacant);
}

const slotSymbols: symbol[] = [];

function slotSymbol(index: number): symbol {
  slotSymbols[index] ??= Symbol(`slot${index}`);
  return slotSymbols[index];
}
