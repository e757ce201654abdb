import { Code } from './code.ts';
import type { Form, Member } from './form.ts';
import { isInline } from './record-code.ts';
import { isVisible } from './record-members.ts';

/**
 * A function that answers whether a value has no fields but those of the form, nor have the structs inside that generated
 * writers do not look at. It says no in doubt: the closures have the last word.
 */
export function onlyKnown(form: Form): (value: unknown) => boolean {
  const code = new Code();
  const look = lookAt(code, form) ?? '()=>true';
  return code.run(`return ${look}`);
}

/** The name of such a function in generated code; undefined where there is nothing to look at. */
function lookAt(code: Code, form: Form): string | undefined {
  if (form.element) {
    const each = lookInside(code, form.element.form);
    const loop = `for(let i=0;i<${form.element.count};i+=1)if(!${each}(x[i]))return false;return true`;
    return each && code.define(`(x)=>{if(!Array.isArray(x))return false;${loop}}`);
  }
  return form.members && form.kind !== 'union' ? lookAtFields(code, form.members) : undefined;
}

/** What is no part of the generated writer is taken by closures, which look. */
function lookInside(code: Code, form: Form): string | undefined {
  return isInline(form) ? lookAt(code, form) : undefined;
}

function lookAtFields(code: Code, members: readonly Member[]): string {
  const fields = [...fieldsOf(members)];
  // As many fields as there are members are these, or one is missing, which the writer sees.
  const each = fields.every(({ mayLack }) => !mayLack)
    ? { bind: 'let n=0;', key: 'n+=1;', end: `n===${fields.length}` }
    : {
        bind: '',
        key: `switch(k){${fields.map(({ m }) => `case ${JSON.stringify(m.key)}:`).join('')}break;default:return false}`,
        end: 'true',
      };
  const inner = fields.map(({ m, mayLack }) => {
    const look = lookInside(code, m.form);
    const member = `x[${JSON.stringify(m.key)}]`;
    return look ? `&&(${mayLack ? `${member}===undefined||` : ''}${look}(${member}))` : '';
  });
  return code.define(`(x)=>{${each.bind}for(const k in x){${each.key}}return ${each.end}${inner.join('')}}`);
}

/** The fields that a value of these members has, those of promoted ones among them. */
function* fieldsOf(members: readonly Member[], mayLack = false): Generator<{ m: Member; mayLack: boolean }> {
  for (const m of members) {
    if (m.promoted) yield* fieldsOf(m.form.members!, mayLack || m.form.kind === 'union');
    else if (isVisible(m)) yield { m, mayLack: mayLack || m.form.optional === true };
  }
}
