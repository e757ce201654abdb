import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { array, bool8, char, f32, f64, i16, i32, i64, struct, u8, u32, u64 } from '../../src/codec/index.ts';

const Vec3 = struct('vec3', { x: f32, y: f32, z: f32 });
const Student = struct('student', {
  ID: i32,
  name: char(20),
  scores: array(i16, 5),
  pos: Vec3,
  trail: array(Vec3, 3),
  big: u64,
  ok: bool8,
  grid: array(u8, 2, 3),
  names: array(char(6), 2),
});

const sample = {
  ID: 99041232,
  name: 'SecBug',
  scores: [1, -2, 3, -32768, 32767],
  pos: { x: 1.5, y: 2, z: -3 },
  trail: [
    { x: 1, y: 2, z: 3 },
    { x: 4, y: 5, z: 6 },
    { x: 7, y: 8, z: 9 },
  ],
  big: 2n ** 64n - 1n,
  ok: true,
  grid: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  names: ['abc', 'déf'],
};

for (const offset of [0, 8, 3]) {
  describe(`a struct at offset ${offset}`, () => {
    const memory = new Uint8Array(offset + Student.byteLength + 5);
    const view = new DataView(memory.buffer, offset);

    it('reads what it wrote', () => {
      Student.write(view, 0, sample);
      assert.deepEqual(Student.read(view, 0), sample);
      assert.deepEqual(Student.read(memory, offset), sample);
    });

    it('is live: reads and writes the memory itself', () => {
      const live = Student.live(memory, offset);
      assert.equal(live.ID, 99041232);
      live.ID = 7;
      live.name = 'Grüße';
      live.pos.x = 0.5;
      live.scores[1] = 77;
      live.trail.get(1)!.y = 55;
      live.grid.get(1)![2] = 9;
      live.big = 5n;
      live.names.set(1, 'zz');
      const read = Student.read(view);
      assert.equal(read.ID, 7);
      assert.equal(read.name, 'Grüße');
      assert.equal(read.pos.x, 0.5);
      assert.deepEqual(read.scores, [1, 77, 3, -32768, 32767]);
      assert.equal(read.trail[1]!.y, 55);
      assert.equal(read.grid[1]![2], 9);
      assert.equal(read.big, 5n);
      assert.deepEqual(read.names, ['abc', 'zz']);
      assert.equal(live.pos, live.pos);
      assert.equal(live.trail[1], live.trail.at(1));
      assert.deepEqual(live.snapshot(), read);
      assert.match(inspect(live), /^student \{/);
      assert.equal(JSON.parse(JSON.stringify(live)).big, '5');
    });
  });
}

describe('struct()', () => {
  it('has the layout of C', () => {
    const S = struct('s', { a: u8, b: f64, c: u8, d: i64, e: u8, f: u32 });
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((p) => S.offsetOf(p)),
      [0, 8, 16, 24, 32, 36],
    );
    assert.equal(S.byteLength, 40);
    assert.equal(Student.offsetOf('trail[1].y'), Student.offsetOf('trail') + 16);
  });

  it('writes nothing when a value is refused, and names the path', () => {
    const memory = new Uint8Array(Student.byteLength);
    Student.write(memory, 0, sample);
    const before = memory.slice();
    const bad = { ...sample, ID: 1, scores: [1, 2, 3, 99999, 5] };
    assert.throws(() => Student.write(memory, 0, bad), {
      name: 'RangeError',
      message: 'Cannot write student.scores[3]: value is 99999, expected an integer from -32768 to 32767',
    });
    assert.deepEqual(memory, before);
  });
});
