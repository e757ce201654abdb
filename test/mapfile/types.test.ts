/** What the compiler must refuse; `npx tsc` is the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  char,
  f64,
  i32,
  MapFile,
  MappedView,
  type SelfDescribed,
  struct,
  structClass,
} from '../../src/index.ts';

const Student = struct('student', { ID: i32, name: char(20), marks: array(f64, 3) });
class Person extends structClass('person', { age: i32 }) {
  older(): number {
    return this.age + 1;
  }
}

export async function refused(
  read: MapFile<typeof Student, 'read'>,
  write: MapFile<typeof Student>,
  person: MapFile<typeof Person>,
): Promise<void> {
  // @ts-expect-error a reader has no update
  await read.update(() => 1);
  // @ts-expect-error nor its blocking form
  read.updateSync(() => 1);
  // @ts-expect-error nor write
  await read.write({ ID: 1, name: '', marks: [1, 2, 3] });
  // @ts-expect-error nor assign
  read.assignSync({ ID: 1 });
  // @ts-expect-error its live object is readonly
  read.get().ID = 1;
  // @ts-expect-error and its arrays too
  read.get().marks[0] = 1;
  // @ts-expect-error open() reads unless asked for more
  MapFile.open('x', Student).get().ID = 1;

  // @ts-expect-error an update is synchronous
  await write.update(async (s) => s.ID);
  // @ts-expect-error in every form
  write.updateSync((s) => Promise.resolve(s.ID));
  // @ts-expect-error members have types
  await write.assign({ ID: '1' });
  // @ts-expect-error and names
  await write.assign({ id: 1 });
  // @ts-expect-error write takes the whole
  await write.write({ ID: 1, name: '' });
  // @ts-expect-error initial too has names
  MapFile.create('x', Student, { initial: { nam: 'x' } });
  // @ts-expect-error a guard names a member
  MapFile.open('x', Student, { guard: { sequence: 'tick' } });
  // @ts-expect-error over memory that may only be read
  MapFile.over(MappedView.open('x'), Student).writeSync({ ID: 1, name: '', marks: [1, 2, 3] });
  // @ts-expect-error an object is made in memory that may be written
  MapFile.create(MappedView.open('x'), Student);
  // @ts-expect-error in either way
  MapFile.openOrCreate(MappedView.open('x', { access: 'copy-on-write' }), Student);
  // @ts-expect-error who may open memory is its maker's affair
  MapFile.create(new ArrayBuffer(4096), Student, { share: 'everyone' });
  // @ts-expect-error the access is that of the view
  MapFile.open(MappedView.open('x'), Student).writeSync({ ID: 1, name: '', marks: [1, 2, 3] });
  // @ts-expect-error and not said twice
  MapFile.open(new ArrayBuffer(4096), Student, { access: 'read' });
  MapFile.create(MappedView.create('x', 4096).subview(64), Student, { initial: { ID: 1 } }).get().ID = 1;
  MapFile.open(MappedView.open('x', { access: 'readwrite' }), Student).get().ID = 1;
  MapFile.open(new ArrayBuffer(4096), Student).get().ID = 1;
  MapFile.open(MappedView.open('x')) satisfies MapFile<SelfDescribed, 'read'>;
  // @ts-expect-error access is one of two
  MapFile.open('x', Student, { access: 'write' });

  const id: number = await write.update((s) => s.ID);
  const nothing: undefined = await write.update(() => undefined);
  const never: never = write.updateSync(() => {
    throw new Error('no');
  });
  const older: number = person.get().older() + person.updateSync((p) => p.older());
  for await (const { name } of read.changes()) name satisfies string;
  const reader: MapFile<typeof Person, 'read'> = person;
  const deep = MapFile.open('x', Student, { guard: { counter: 'marks[0]' } }).read().marks[0] satisfies
    | number
    | undefined;
  void [id, nothing, never, older, reader, deep];
}

describe('MapFile types', () => {
  it('are checked by the compiler', () => assert.equal(typeof refused, 'function'));
});
