/** What the REPL shows of a view. */
import type { Access } from '../base/memory.ts';
import type { ByteRange } from './options.ts';

interface Describable {
  readonly name: string;
  readonly byteLength: number;
  readonly access: Access;
  readonly created: boolean;
  readonly foreign: boolean;
  readonly closed: boolean;
  verify(): void;
  toBytes(range: ByteRange): Uint8Array;
}

const SHOWN = 32;

/** `MappedView "X" <24 bytes, read: d0 3f e7 05 …>` */
export function describeView(view: Describable): string {
  const facts = [`${view.byteLength} bytes`, view.access];
  if (view.created) facts.push('created');
  if (view.foreign) facts.push('foreign');
  if (view.closed) facts.push('closed');
  const bytes = view.closed ? '' : `: ${firstBytes(view)}`;
  return `MappedView ${JSON.stringify(view.name)} <${facts.join(', ')}${bytes}>`;
}

/** Printing neither throws nor touches what has been cut off. */
function firstBytes(view: Describable): string {
  try {
    view.verify();
    const bytes = view.toBytes({ byteLength: Math.min(view.byteLength, SHOWN) });
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
    if (bytes.length < view.byteLength) hex.push('…');
    return hex.join(' ');
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
