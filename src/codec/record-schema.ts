import type { Form, Schema } from './form.ts';

/**
 * The canonical description: facts only (places, kinds, names), so that equal layouts have equal texts whatever ABI or
 * pack they came from. Padding is what lies between.
 */
export function recordSchema(form: Form): Schema {
  const rows = form.members!.flatMap((m) => {
    const place = m.promoted ? '' : m.name;
    if (place === undefined) return [];
    return [
      m.bitWidth === undefined
        ? [place, m.byteOffset, m.form.schema()]
        : [place, m.byteOffset, m.form.schema(), m.bitOffset! % 8, m.bitWidth],
    ];
  });
  return [form.kind, form.label, form.byteLength, form.alignment(form.abi ?? 'sysv64'), rows];
}
