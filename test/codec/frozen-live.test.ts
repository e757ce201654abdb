/** A frozen live object is as good as any: its members are accessors, and what it cannot keep it makes anew. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { allowCode } from '../../src/codec/code.ts';
import { array, atomic, char, f32, f64, i32, struct, structClass, u16, u32 } from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

function made() {
  const Vec3 = struct('vec3', { x: f32, y: f32 });
  const Player = struct('player', {
    hits: atomic(u32),
    id: i32,
    name: char(6),
    scores: array(u16, 4),
    weights: array(f64, 2),
    pos: Vec3,
    trail: array(Vec3, 3),
  });
  class Student extends structClass('student', { id: i32, seat: Vec3, marks: array(u16, 3) }) {}
  return { Player, Student };
}

for (const code of [true, false]) {
  describe(`Object.freeze() on a live object, ${code ? 'by generated code' : 'by closures'}`, () => {
    let codecs: ReturnType<typeof made>;
    before(() => {
      allowCode(code);
      codecs = made();
    });
    after(() => allowCode(true));

    for (const close of [Object.freeze, Object.seal, Object.preventExtensions]) {
      // At 4 the f64s stand unaligned.
      for (const offset of [0, 4]) {
        it(`leaves every member usable (Object.${close.name}, at ${offset})`, () => {
          const { Player } = codecs;
          const memory = new Uint8Array(Player.byteLength + offset);
          const live = close(Player.live(memory, offset));
          for (let i = 1; i <= 3; i += 1) {
            live.id = i;
            live.name = `ada${i}`;
            live.scores[2] = i;
            (live.weights as unknown as { set(given: number | ArrayLike<number>, value?: number): void }).set([i, -i]);
            live.pos.x = i;
            live.trail.get(1)!.y = i;
            live.trail[2]!.y = -i;
            live.hits.add(2);
            assert.deepEqual(Player.read(memory, offset), {
              hits: 2 * i,
              id: i,
              name: `ada${i}`,
              scores: [0, 0, i, 0],
              weights: [i, -i],
              pos: { x: i, y: 0 },
              trail: [
                { x: 0, y: 0 },
                { x: 0, y: i },
                { x: 0, y: -i },
              ],
            });
            assert.equal(live.pos.x, i);
            assert.equal(live.scores[2], i);
            assert.deepEqual(live.snapshot(), Player.read(memory, offset));
          }
          live.assign({ pos: { y: 7 } });
          assert.equal(live.pos.y, 7);
          assert.throws(() => {
            live.pos.x = 'x' as never;
          }, /^TypeError: Cannot write player\.pos\.x: /);
        });
      }
    }

    it('leaves what was made before', () => {
      const { Player } = codecs;
      const live = Player.live(new Uint8Array(Player.byteLength));
      const { pos, scores, trail } = live;
      Object.freeze(live);
      assert.equal(live.pos, pos);
      assert.equal(live.scores, scores);
      assert.equal(live.trail, trail);
      Object.freeze(pos);
      pos.x = 5;
      assert.equal(live.pos.x, 5);
    });

    it('leaves instances of a class, and objects over read-only memory', () => {
      const { Player, Student } = codecs;
      const memory = new Uint8Array(Student.byteLength);
      const student = Student.live(memory);
      Object.freeze(student);
      student.id = 3;
      student.seat.y = 4;
      student.marks[1] = 5;
      assert.deepEqual(Student.read(memory), { id: 3, seat: { x: 0, y: 4 }, marks: [0, 5, 0] });
      const bytes = new Uint8Array(Player.byteLength);
      bytes[Player.offsetOf('scores[0]')] = 9;
      const sealed = Object.freeze(Player.live(readOnly(bytes)));
      assert.equal(sealed.scores[0], 9);
      assert.equal(sealed.trail.get(2)!.x, 0);
      assert.throws(() => {
        sealed.pos.x = 1;
      }, /^TypeError: Cannot write to player\.pos\.x: /);
    });
  });
}

describe('a live object that is not frozen', () => {
  it('makes its members once', () => {
    const { Player } = made();
    const live = Player.live(new Uint8Array(Player.byteLength));
    assert.equal(live.pos, live.pos);
    assert.equal(live.scores, live.scores);
    assert.equal(live.weights, live.weights);
    assert.equal(live.trail.get(1), live.trail.get(1));
    const odd = Player.live(new Uint8Array(Player.byteLength + 4), 4);
    assert.equal(odd.weights, odd.weights);
  });

  it('is held to strict mode all the same', () => {
    const { Player } = made();
    const live = Player.live(new Uint8Array(Player.byteLength)) as unknown as { __proto__: object };
    for (const key of ['id', 'pos']) {
      const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(live), key)!;
      assert.throws(() => get!.call(undefined), TypeError);
    }
  });
});
