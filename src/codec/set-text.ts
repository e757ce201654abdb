import type { Code, RecordCode } from './code.ts';

/**
 * The body of a generated write to `v` at `at`: binds, one condition over all guards, calls, stores, `return`. Falls
 * through, with nothing stored, where a guard fails; throws what `calls` throw.
 *
 * The text is kept short on purpose: V8 puts functions of up to 460 bytes of bytecode in line, which halves the time of
 * a record of ten fields.
 */
export function setText(code: Code, record: RecordCode, value: string, at: string): string {
  const { bind, guard, calls, put } = record.set(code, value, '');
  return `${bind}if(${guard === '' ? 'true' : guard}){${calls}${put(at)}return}`;
}
