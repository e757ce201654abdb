import type { Form, Member } from './form.ts';

interface Row {
  offset: string;
  size: string;
  name: string;
  type: string;
}

/** A layout as a table: one row for each member, padding included, nested members indented. */
export function describeForm(form: Form): string {
  const rows: Row[] = [{ offset: 'offset', size: 'size', name: 'name', type: 'type' }];
  if (form.members) addMembers(form, 0, '', rows);
  else rows.push({ offset: '0', size: String(form.byteLength), name: '', type: form.label });
  const width = (key: keyof Row) => Math.max(...rows.map((row) => row[key].length));
  const [offset, size, name] = [width('offset'), width('size'), width('name')];
  const lines = rows.map((row) =>
    `${row.offset.padStart(offset)}  ${row.size.padStart(size)}  ${row.name.padEnd(name)}  ${row.type}`.trimEnd(),
  );
  const align = form.alignment(form.abi ?? 'sysv64');
  const head = `${form.label}: ${form.byteLength} bytes, aligned to ${Math.max(align, form.alignas ?? 1)}`;
  return `${head}${form.abi ? `, ${form.abi}` : ''}\n${lines.join('\n')}\n`;
}

function addMembers(form: Form, base: number, indent: string, rows: Row[]): void {
  const isUnion = form.kind === 'union';
  let end = 0; // in bits, from the start of this form
  const padding = (until: number) => {
    if (isUnion || until <= end) return;
    rows.push({
      offset: offsetText(base * 8 + end),
      size: sizeText(until - end),
      name: `${indent}(padding)`,
      type: '',
    });
  };
  const start = (m: Member) => m.bitOffset ?? m.byteOffset * 8;
  // A layout's members come in any order.
  for (const m of (form.members ?? []).toSorted((a, b) => start(a) - start(b))) {
    const at = start(m);
    const bits = m.bitWidth ?? m.form.byteLength * 8;
    padding(at);
    rows.push({
      offset: offsetText(base * 8 + at),
      size: sizeText(bits, m.bitWidth),
      name: indent + (m.name ?? '(unnamed)'),
      type: m.form.label,
    });
    const inner = m.form.members ? m.form : m.form.element?.form.members ? m.form.element.form : undefined;
    if (inner) addMembers(inner, base + m.byteOffset, `${indent}  `, rows);
    end = Math.max(end, at + bits);
  }
  padding(form.byteLength * 8);
}

function offsetText(bits: number): string {
  return bits % 8 === 0 ? String(bits / 8) : `${Math.floor(bits / 8)}:${bits % 8}`;
}

function sizeText(bits: number, bitWidth?: number): string {
  return bitWidth === undefined && bits % 8 === 0 ? String(bits / 8) : `:${bits}`;
}
