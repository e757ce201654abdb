import { BadValue } from './bad-value.ts';
import type { Form, Member } from './form.ts';
import { LackingPath } from './live-path.ts';
import { memoryElements } from './memory-elements.ts';
import { placedForm } from './record.ts';
import type { RecordKind } from './record-members.ts';

/**
 * A form of which only the first `byteLength` bytes exist: members behind them read as zero and refuse to be written.
 * What is cut and is no record counts as lacking.
 */
export function shortened(form: Form, byteLength: number): Form {
  const reason = `the publisher's elements have ${byteLength} bytes and lack this member`;
  return cut(form, byteLength, form.label, reason);
}

/**
 * @param has bytes of this form; none where it lacks
 * @param reason counts the bytes of the whole element, whatever is cut inside it
 */
function cut(form: Form, has: number, path: string, reason: string): Form {
  if (!form.members) return lacking(form, path, reason);
  const members: Member[] = [];
  for (const m of form.members) {
    const end = m.byteOffset + m.form.byteLength;
    const inner =
      end > has
        ? cut(m.form, Math.max(0, has - m.byteOffset), m.promoted ? path : `${path}.${m.key}`, reason)
        : // A list goes by fields that may lack.
          (m.form.bind?.(members, m.byteOffset, form.label) ?? m.form);
    members.push({ ...m, form: inner });
  }
  const placed = placedForm(form.kind as RecordKind, form.label, form.abi, members, {
    byteLength: has,
    alignment: form.alignment(form.abi ?? 'sysv64'),
    alignas: 1,
  });
  const { openClass: _, ...classless } = placed;
  const record = form.liveOf ? { ...classless, live: form.liveOf(placed) } : placed;
  return has === 0 ? { ...record, ...refusing(reason) } : record;
}

/** Not a byte of it is touched. Arrays keep their shape: their elements lack. */
function lacking(form: Form, path: string, reason: string): Form {
  const zero = new DataView(new ArrayBuffer(form.byteLength));
  const { label, abi, byteLength, hidden, element, live } = form;
  const read = (): unknown => {
    // A list that goes by fields has nothing to go by.
    if (form.bind) return [];
    try {
      return form.read(zero, 0);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new RangeError(
        `Cannot read ${path}: ${reason}, which would read as 0: give its codec a value for 0 (${said})`,
        { cause: error },
      );
    }
  };
  return {
    kind: 'lacking',
    label,
    abi,
    byteLength,
    alignment: (on) => form.alignment(on),
    ...(hidden && { hidden }),
    read,
    store: () => undefined,
    ...refusing(reason),
    ...(element
      ? lackingElements(element, path, reason)
      : live && {
          live: (range, _at, at) => {
            const told = range.access === 'read' ? at : new LackingPath(at, reason);
            return live.call(form, { dataView: zero, access: 'read', originKey: 0 }, 0, told);
          },
        }),
    schema: () => form.schema(),
  };
}

function lackingElements(element: NonNullable<Form['element']>, path: string, reason: string): Pick<Form, 'live'> {
  const { count, stride } = element;
  let each: Form | undefined;
  return {
    live(range, at, livePath) {
      each ??= cut(element.form, 0, `${path}[]`, reason);
      return memoryElements({ elements: { element: each, count, stride, at }, range, path: livePath });
    },
  };
}

/** What it takes: to be left out. */
function refusing(reason: string): Pick<Form, 'optional' | 'check' | 'take' | 'takePartial'> {
  const refuse = (value: unknown): never => {
    throw new BadValue(true, value, `nothing: ${reason}`);
  };
  return { optional: true, check: refuse, take: refuse, takePartial: refuse };
}
