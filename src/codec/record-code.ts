import { Code, generatedOr, type Placed, plus, type RecordCode, type Setting } from './code.ts';
import type { Form, Member } from './form.ts';
import { closures, storeMembers, takeMembers } from './record-closures.ts';
import { isVisible, type RecordFunctions, type RecordKind } from './record-members.ts';
import { storesOf } from './store-text.ts';
import { takenAt } from './taken.ts';

/** Above this many operations a nested record is called, not put in line. */
const INLINE_LIMIT = 64;

/**
 * How a whole record is read and stored: by closures, and by code with constant offsets that the entry points make.
 */
export function recordCode(
  kind: RecordKind,
  label: string,
  members: readonly Member[],
): RecordFunctions & { code: RecordCode } {
  const plain = closures(kind, members, label);
  const code: RecordCode = {
    weight: members.reduce((sum, m) => sum + (m.form.code?.weight ?? 2), 1),
    reach: reachOf(members),
    get: (c, at) => `{${getters(c, members, at).join(',')}}`,
    set: (c, value, path) =>
      kind === 'union'
        ? called(c, { ...plain, check: plain.take }, value, path)
        : structSetting(c, members, value, path),
  };
  return { ...plain, read: readerOf(code, plain.read), code };
}

type Read = Form['read'];

/** Compiled at the first use: most records are read by an entry point or as part of another. */
function readerOf(code: RecordCode, plain: Read): Read {
  let read: Read = (view, at) => {
    read = generatedOr(
      () => {
        const own = new Code();
        return own.run<Read>(`return (v,at)=>(${code.get(own, 'at')})`);
      },
      () => plain,
    );
    return read(view, at);
  };
  return (view, at) => read(view, at);
}

type Taken = Pick<Form, 'take' | 'check' | 'store'>;

function getters(code: Code, members: readonly Member[], at: string): string[] {
  return members.flatMap((m) => {
    const place = plus(at, m.byteOffset);
    if (m.promoted) return getters(code, m.form.members!, place);
    if (!isVisible(m)) return [];
    return `${JSON.stringify(m.key)}:${isInline(m.form) ? m.form.code!.get(code, place) : `${code.use(m.form, 'form')}.read(v,${place})`}`;
  });
}

function reachOf(members: readonly Member[]): number {
  const reached = members.map((m) => {
    if (m.promoted) return m.byteOffset + reachOf(m.form.members!);
    return isVisible(m) && isInline(m.form) ? m.byteOffset + m.form.code!.reach : 0;
  });
  return Math.max(0, ...reached);
}

export function isInline(form: Form): boolean {
  return form.code !== undefined && form.code.weight <= INLINE_LIMIT;
}

function structSetting(code: Code, members: readonly Member[], value: string, path: string): Setting {
  const parts = memberSettings(code, members, value, path);
  const join = (key: 'bind' | 'calls') => parts.map(({ setting }) => setting[key]).join('');
  return {
    bind: join('bind'),
    guard: [
      ...(members.some(isTelling) ? [] : [`typeof ${value}==='object'`]),
      ...parts.map(({ setting }) => setting.guard),
    ]
      .filter((guard) => guard !== '')
      .join('&&'),
    calls: join('calls'),
    held: parts.flatMap(({ setting }) => setting.held),
    ...storesOf(parts),
  };
}

/**
 * Whether the member's guard refuses what is no object: a string has a length too, nothing has a position. A function is one,
 * and passes if it has been given all the fields.
 */
function isTelling(m: Member): boolean {
  const inherited = [String.prototype, Function.prototype, Number.prototype, Boolean.prototype, BigInt.prototype];
  return isVisible(m) && m.form.code?.isScalar === true && inherited.every((prototype) => !(m.key in prototype));
}

function memberSettings(code: Code, members: readonly Member[], value: string, path: string): Placed[] {
  return members.flatMap((m): Placed[] => {
    const { byteOffset } = m;
    const { byteLength } = m.form;
    if (m.promoted) {
      const inner = m.form.members!;
      if (m.form.kind === 'union')
        return [{ setting: promotedUnion(code, inner, value, path), byteOffset, byteLength }];
      return memberSettings(code, inner, value, path).map((part) => ({
        ...part,
        byteOffset: part.byteOffset + byteOffset,
      }));
    }
    if (!isVisible(m)) return [];
    const local = code.local();
    const step = `${path}.${m.key}`;
    const source = `${value}[${JSON.stringify(m.key)}]`;
    const part = isInline(m.form)
      ? m.form.code!.set(code, local, step, code.isGuarded ? source : undefined)
      : called(code, m.form, local, step);
    const setting = { ...part, bind: `var ${local}${part.bound ? '' : `=${source}`};${part.bind}` };
    return [{ setting, byteOffset, byteLength }];
  });
}

/** The members of an anonymous union stand in the outer value, which may give any of them. */
function promotedUnion(code: Code, members: readonly Member[], value: string, path: string): Setting {
  const take = (given: Record<string, unknown>) => takeMembers('union', members, given, {});
  const store = (view: DataView, at: number, given: Record<string, unknown>) =>
    storeMembers('union', members, view, at, given);
  return called(code, { take, store } as Taken, value, path);
}

function called(code: Code, form: Taken, value: string, path: string): Setting {
  const name = code.use(form, 'form');
  const own = code.local();
  return {
    bind: `var ${own};`,
    guard: '',
    calls: `${own}=${code.use(takenAt, 'takenAt')}(${name},${value},${JSON.stringify(path)});`,
    put: (at) => `${name}.store(v,${at},${own});`,
    held: [{ local: own }],
    reach: 0,
  };
}
