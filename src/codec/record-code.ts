import { Code, generatedOr, plus, type RecordCode } from './code.ts';
import type { Form, Member } from './form.ts';
import { closures } from './record-closures.ts';
import {
  checkKeys,
  isOpenEnded,
  isVisible,
  namesOf,
  type RecordFunctions,
  type RecordKind,
  refuseNone,
  refuseObject,
} from './record-members.ts';
import { checkAt } from './scalar-form.ts';

/** Above this many operations a nested record is called, not put in line. */
const INLINE_LIMIT = 64;

/** Reads and stores whole records: generated code with constant offsets, made at first use, or closures. */
export function recordCode(
  kind: RecordKind,
  label: string,
  members: readonly Member[],
): RecordFunctions & { code: RecordCode } {
  let made: RecordFunctions | undefined;
  const functions = () => {
    made ??= isOpenEnded(members)
      ? closures(kind, members, label)
      : generatedOr(
          () => generate(code),
          () => closures(kind, members, label),
        );
    return made;
  };
  const names = namesOf(members);
  const expected = `an object with ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`;
  const code: RecordCode = {
    weight: members.reduce((sum, m) => sum + (m.form.code?.weight ?? 2), 1),
    get: (c, at) => `{${getters(c, members, at).join(',')}}`,
    set(c, value, path) {
      const where = JSON.stringify(path);
      const count = c.local();
      const inner = setters(c, kind, members, value, path);
      const check = [
        `if(typeof ${value}!=='object'||${value}===null)${c.use(refuseObject, 'refuseObject')}(${value},${where},${JSON.stringify(expected)});`,
        inner.check,
        // Counting keys costs little where all are known; a different count has reasons that checkKeys tells apart.
        `var ${count}=0;for(var k in ${value})${count}++;`,
        `if(${count}!==${names.length})${c.use(checkKeys, 'checkKeys')}(${value},${c.use(new Set(names), 'names')},${where},${JSON.stringify(label)});`,
      ].join('');
      return { check, put: inner.put };
    },
  };
  return {
    read: (view, at) => functions().read(view, at),
    check: (value) => functions().check(value),
    store: (view, at, value) => functions().store(view, at, value),
    write: (view, at, value) => functions().write(view, at, value),
    code,
  };
}

function generate(record: RecordCode): RecordFunctions {
  const code = new Code();
  const { check, put } = record.set(code, 'x', '');
  const write = `(v,at,x)=>{${check}${put('at')}}`;
  // A store reads the properties again, and checks them again with them.
  return code.run(
    `return {read:(v,at)=>(${record.get(code, 'at')}),check:(x)=>{${check}},store:${write},write:${write}}`,
  );
}

function getters(code: Code, members: readonly Member[], at: string): string[] {
  return members.flatMap((m) => {
    const place = plus(at, m.byteOffset);
    if (m.promoted) return getters(code, m.form.members!, place);
    if (!isVisible(m)) return [];
    const inline = m.form.code !== undefined && m.form.code.weight <= INLINE_LIMIT;
    return `${JSON.stringify(m.key)}:${inline ? m.form.code!.get(code, place) : `${code.use(m.form, 'form')}.read(v,${place})`}`;
  });
}

function setters(
  code: Code,
  kind: RecordKind,
  members: readonly Member[],
  value: string,
  path: string,
): { check: string; put(at: string): string } {
  const parts = members.flatMap((m) => {
    if (m.promoted) {
      const inner = setters(code, m.form.kind as RecordKind, m.form.members!, value, path);
      return { check: inner.check, put: (at: string) => inner.put(plus(at, m.byteOffset)) };
    }
    if (!isVisible(m)) return [];
    const local = code.local();
    const step = `${path}.${m.key}`;
    const bind = `var ${local}=${value}[${JSON.stringify(m.key)}];`;
    const inline = m.form.code !== undefined && m.form.code.weight <= INLINE_LIMIT;
    const inner = inline ? m.form.code!.set(code, local, step) : called(code, m.form, local, step);
    const put = (at: string) => inner.put(plus(at, m.byteOffset));
    if (kind === 'struct') return { check: bind + inner.check, put };
    return {
      check: `${bind}if(${local}!==undefined){${inner.check}}`,
      put: (at: string) => `if(${local}!==undefined){${put(at)}}`,
      local,
    };
  });
  const check = parts.map((part) => part.check).join('');
  if (kind === 'struct') return { check, put: (at) => parts.map((part) => part.put(at)).join('') };
  const given = parts.map((part) => ('local' in part ? `${part.local}!==undefined` : 'true')).join('||');
  const none =
    given === ''
      ? ''
      : `if(!(${given}))${code.use(refuseNone, 'refuseNone')}(${value},${JSON.stringify(path)},${JSON.stringify(namesOf(members).join(', '))});`;
  // Last first: where members overlap the first one declared wins, the one that C initialises.
  return {
    check: check + none,
    put: (at) =>
      parts
        .toReversed()
        .map((part) => part.put(at))
        .join(''),
  };
}

function called(code: Code, form: Form, value: string, path: string): { check: string; put(at: string): string } {
  const name = code.use(form, 'form');
  return {
    check: `${code.use(checkAt, 'checkAt')}(${name},${value},${JSON.stringify(path)});`,
    put: (at) => `${name}.store(v,${at},${value});`,
  };
}
