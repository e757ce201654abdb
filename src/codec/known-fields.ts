import { Code } from './code.ts';
import type { Form, Member } from './form.ts';
import { isInline } from './record-code.ts';
import { fieldsOf } from './record-members.ts';

/** What a look has found: false if a field is unknown, or closures have to say. */
export interface Found {
  known: boolean;
}

/**
 * A function that looks for unknown fields in a value, and in the structs inside that generated writers do not look at. It
 * answers the value to go on with: the same, or a copy of it where there were members to look into, so that nobody reads
 * one twice. Unknown fields are in the copy, too.
 */
export function lookForUnknown(form: Form, found: Found): (value: unknown) => unknown {
  const code = new Code();
  const state = code.use(found, 'found');
  const look = lookAt(code, form, `${state}.known=false`);
  return code.run(`return (x)=>{${state}.known=true;return ${look ? `${look}(x)` : 'x'}}`);
}

/** The name of such a function in generated code; undefined where there is nothing to look at. */
function lookAt(code: Code, form: Form, unknown: string): string | undefined {
  if (form.element) {
    const { count } = form.element;
    const each = lookInside(code, form.element.form, unknown);
    const copy = `const list=[];for(let i=0;i<${count};i+=1)list.push(${each}(x[i]));return list`;
    return each && code.define(`(x)=>{if(!Array.isArray(x)||x.length!==${count}){${unknown};return x}${copy}}`);
  }
  return form.members && form.kind !== 'union' ? lookAtFields(code, form.members, unknown) : undefined;
}

/** What is no part of the generated writer is taken by closures, which look. */
function lookInside(code: Code, form: Form, unknown: string): string | undefined {
  return isInline(form) ? lookAt(code, form, unknown) : undefined;
}

function lookAtFields(code: Code, members: readonly Member[], unknown: string): string {
  const fields = fieldsOf(members).map(({ key, form }) => ({
    key: JSON.stringify(key),
    look: lookInside(code, form, unknown),
  }));
  const cases = fields.map(({ key }) => `case ${key}:`).join('');
  // By name and not by number: a getter of a class is a field that does not show here.
  const walk = (extra: string) =>
    `for(const k in x)switch(k){${cases}break;default:if(Object.hasOwn(x,k)){${extra}${unknown}}}`;
  if (fields.every(({ look }) => look === undefined)) return code.define(`(x)=>{${walk('')}return x}`);
  const copy = fields.map(({ key, look }) => `[${key}]:${look ? `${look}(x[${key}])` : `x[${key}]`}`).join(',');
  const add = `Object.defineProperty(own,k,{enumerable:true});`;
  return code.define(`(x)=>{if(typeof x!=='object'||x===null)return x;const own={${copy}};${walk(add)}return own}`);
}
