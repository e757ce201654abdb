import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  array,
  char,
  codecFromTable,
  type Infer,
  type InferLive,
  i32,
  layoutTable,
  struct,
  structClass,
  u8,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

let constructed = 0;

class Student extends structClass('student', { ID: i32, name: char(20), marks: array(u8, 3) }) {
  constructor(...args: [never]) {
    super(...args);
    constructed += 1;
  }
  greet() {
    return `hello ${this.name}`;
  }
  get shout() {
    return this.name.toUpperCase();
  }
  set nickname(value: string) {
    this.name = value;
  }
  static known() {
    return 'yes';
  }
}

const value = { ID: 7, name: 'SecBug', marks: [1, 2, 3] };

describe('structClass()', () => {
  it('makes instances that are the memory, with methods and getters', () => {
    const memory = new Uint8Array(64);
    for (const offset of [0, 8, 3]) {
      Student.write(memory, offset, value);
      const student = Student.live(memory, offset);
      assert.ok(student instanceof Student);
      assert.equal(student.constructor, Student);
      assert.equal(student.greet(), 'hello SecBug');
      assert.equal(student.shout, 'SECBUG');
      student.ID = 8;
      student.nickname = 'Bob';
      assert.deepEqual(Student.read(memory, offset), { ...value, ID: 8, name: 'Bob' });
      student.assign({ ID: 9 });
      assert.equal(student.snapshot().ID, 9);
      assert.match(inspect(student), /^student \{/);
      assert.throws(() => {
        student.ID = 2 ** 40;
      }, /^RangeError: Cannot write student\.ID: value is 1099511627776/);
    }
    assert.equal(Student.known(), 'yes');
  });

  it('never runs the constructor', () => {
    assert.equal(constructed, 0);
    // @ts-expect-error objects are made over memory
    assert.throws(() => new Student(), /^TypeError: Cannot construct student/);
    assert.equal(constructed, 0);
  });

  it('is a codec', () => {
    assert.equal(Student.byteLength, 28);
    assert.equal(Student.byteAlignment, 4);
    assert.equal(Student.offsetOf('marks[2]'), 26);
    assert.equal(Student.bitOffsetOf('name'), 32);
    assert.match(Student.describe(), /^student: 28 bytes/);
    const plain = struct('student', { ID: i32, name: char(20), marks: array(u8, 3) });
    assert.equal(Student.fingerprint, plain.fingerprint);
    assert.deepEqual(codecFromTable(layoutTable(Student)).byteLength, 28);
    const typed: Infer<typeof Student> = value;
    assert.deepEqual(typed, value);
    assert.equal(structClass(plain).fingerprint, plain.fingerprint);
  });

  it('can be a member and an element', () => {
    const Course = struct('course', { teacher: Student, students: array(Student, 2) });
    const course = Course.live(new Uint8Array(Course.byteLength));
    const teacher: InferLive<typeof Student> = course.teacher;
    teacher.name = 'Ada';
    course.students.get(1)!.name = 'Eve';
    assert.equal(course.teacher.greet(), 'hello Ada');
    assert.equal(course.students.get(1)!.greet(), 'hello Eve');
    assert.equal(course.snapshot().students[1]!.name, 'Eve');
  });

  it('can be extended further, and overridden with super', () => {
    class Loud extends Student {
      override greet() {
        return `${super.greet()}!`;
      }
    }
    const loud = Loud.live(new Uint8Array(28));
    loud.name = 'x';
    assert.ok(loud instanceof Loud);
    assert.equal(loud.greet(), 'hello x!');
  });

  it('stores nothing over read-only memory', () => {
    const memory = new Uint8Array(28);
    Student.write(memory, 0, value);
    const student = Student.live(readOnly(memory));
    assert.equal(student.greet(), 'hello SecBug');
    for (const store of [
      () => (student.ID = 1),
      () => (student.nickname = 'x'),
      () => student.assign({ ID: 1 }),
      () => ((student.marks as { [i: number]: number })[0] = 1),
    ]) {
      assert.throws(store, { code: 'ERR_READ_ONLY' });
    }
    assert.deepEqual(Student.read(memory), value);
  });

  it('refuses a class field that would hide a member', () => {
    const memory = new Uint8Array(28);
    class Hiding extends structClass('hiding', { ID: i32, name: char(20) }) {
      other = 1;
      override name = 'mine';
    }
    assert.throws(() => Hiding.live(memory), /^TypeError: Cannot use class Hiding: its field "name" would hide/);
    assert.throws(() => struct('outer', { h: Hiding }), /would hide/);
    class Quoted extends structClass('quoted', { ID: i32 }) {
      override ID = 1;
    }
    assert.throws(() => Quoted.live(memory), /its field "ID"/);
    let ran = 0;
    class Constructed extends structClass('constructed', { ID: i32 }) {
      override ID = 3;
      constructor(...args: [never]) {
        super(...args);
        ran += 1;
      }
    }
    assert.throws(() => Constructed.live(memory), /its field "ID"/);
    assert.equal(ran, 0);
  });

  it('does not mistake methods, comments and other fields for hidden members', () => {
    class Fine extends structClass('fine', { ID: i32, name: char(20) }) {
      // name = 'x';
      cache = 1;
      rename() {
        const name = 'y';
        this.name = name;
        return name;
      }
    }
    const fine = Fine.live(new Uint8Array(24));
    assert.equal(fine.rename(), 'y');
    assert.equal(fine.name, 'y');
    assert.equal(fine.cache, undefined);
  });

  it('finds the field behind one that asks for the object, and a method', () => {
    const Base = () => structClass('base', { ID: i32, name: char(20), 'odd name': i32 });
    // As text: TypeScript refuses most of these.
    const classOf = (body: string) =>
      new Function('Base', `return class Made extends (Base({ ID: 1, name: { } })) {${body}}`)(Base) as ReturnType<
        typeof Base
      >;
    const hiding: Record<string, RegExp> = {
      'twice = this.ID * 2; ID = 2;': /its field "ID"/,
      'a = missing(); /* ; */ name = "x"': /its field "name"/,
      'a = this.name.length\n  ID': /its field "ID"/,
      'a = this; b = this.ID; "odd name" = 1;': /its field "odd name"/,
      'ID() { return 1; }': /its method "ID" would hide the member of base, remove the method/,
      'get fine() { return 1; } name() {}': /its method "name"/,
    };
    for (const [body, message] of Object.entries(hiding)) {
      assert.throws(() => classOf(body).live(new Uint8Array(64)), message, body);
    }
    for (const body of [
      'a = this.ID; get ID() { return super.ID + 1; }',
      'a = this.ID; b = { ID: 1, name: 2 }; c = [this.name];',
      'a = this.ID; m() { let ID = 5; return ID; }',
      'a = this.ID +\n ID2;\n b = "ID = 5;"; // ID = 5\n',
      'a = this.ID; static ID = 5; #ID = 5;',
      'constructor() { super(); const ID = this.ID; this.ID = 5; }',
    ]) {
      assert.doesNotThrow(() => classOf(body).live(new Uint8Array(64)), body);
    }
  });
});
