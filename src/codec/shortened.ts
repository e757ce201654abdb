import { BadValue } from './bad-value.ts';
import type { Form, Member } from './form.ts';
import { placedForm } from './record.ts';
import type { RecordKind } from './record-members.ts';

/**
 * A record of which only the first `byteLength` bytes exist: members behind them read as zero and refuse to be
 * written. Members that are cut count as lacking.
 */
export function shortened(form: Form, byteLength: number): Form {
  if (!form.members) return absent(form, byteLength);
  const members = form.members.map((m): Member => {
    if (m.byteOffset + m.form.byteLength <= byteLength) return m;
    const inner =
      m.form.members && m.byteOffset < byteLength
        ? shortened(m.form, byteLength - m.byteOffset)
        : absent(m.form, byteLength);
    return { ...m, form: inner };
  });
  return placedForm(form.kind as RecordKind, form.label, form.abi, members, {
    byteLength,
    alignment: form.alignment(form.abi ?? 'sysv64'),
    alignas: 1,
  });
}

function absent(form: Form, has: number): Form {
  const zero = new DataView(new ArrayBuffer(form.byteLength));
  const refuse = (value: unknown): never => {
    throw new BadValue(true, value, `nothing: the publisher's elements have ${has} bytes and lack this member`);
  };
  const { live, ...rest } = form;
  const { openClass: _open, code: _code, members: _members, ...plain } = rest;
  return {
    ...plain,
    read: () => form.read(zero, 0),
    check: refuse,
    take: refuse,
    store: refuse,
    takePartial: refuse,
    storePartial: refuse,
    ...(live && {
      live: (_range, _at, path) => live.call(form, { dataView: zero, access: 'read', originKey: 0 }, 0, path),
    }),
  };
}
