import { type Code, plus, type RecordCode } from './code.ts';

/**
 * The body of a generated write of `byteLength` bytes to `v` at `at`: binds, one condition over all guards, calls,
 * stores, `return`, on a stage no longer `busy`. Falls through, with nothing stored, where a guard fails; throws what `calls`
 * throw.
 *
 * The text is kept short on purpose: V8 puts functions of up to 460 bytes of bytecode in line, which halves the time of
 * a record of ten fields.
 */
export function setText(code: Code, record: RecordCode, byteLength: number): string {
  const { bind, guard, calls, put, reach } = record.set(code, 'x', '');
  const probe = reach === byteLength ? '' : probeText(byteLength);
  const leave = code.isStaged ? 'left=n;' : '';
  return `${bind}if(${guard === '' ? 'true' : guard}){${calls}${probe}${put('at')}${leave}return}`;
}

/**
 * A statement that throws where `v` is no DataView, is gone, or ends before `at + byteLength`. Asking for `byteLength`
 * takes V8 5 ns, asking for the last byte less than one.
 */
export function probeText(byteLength: number): string {
  return `v.getUint8(${plus('at', byteLength - 1)});`;
}
