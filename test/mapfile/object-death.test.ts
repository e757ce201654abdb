/** Death at every store of create, write, assign and update of a real object; the memory is what a killed process leaves. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, char, i32, MapFile, struct } from '../../src/index.ts';
import { aside, run } from '../support/death.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

// One member is longer than what the fast path copies word by word.
const Student = struct('student', { ID: i32, name: char(20), marks: array(i32, 12) });
const marks = (n: number) => new Array<number>(12).fill(n);
const value = (n: number) => ({ ID: n, name: `student ${n}`, marks: marks(n) });

type Writer = MapFile<typeof Student>;

const deeds: Record<string, (file: Writer) => void> = {
  writeSync: (file) => file.writeSync(value(2)),
  write: (file) => void file.write(value(2)).catch(() => {}),
  assignSync: (file) => file.assignSync(value(2)),
  updateSync: (file) =>
    file.updateSync((s) => {
      s.ID = 2;
      s.name = 'student 2';
      s.marks.set(marks(2));
    }),
  'updateSync that throws': (file) => {
    try {
      file.updateSync((s) => {
        s.assign(value(3));
        throw new RangeError('undo');
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  },
};

describe('MapFile', () => {
  for (const [name, deed] of Object.entries(deeds)) {
    it(`death at every store of ${name} leaves the old value or the new one, and a lock that the next one takes`, (t) => {
      let points = 0;
      let [old, recovered] = [0, 0];
      for (let dieAt = 1, died = true; died; dieAt++) {
        const world = new World();
        const [victim, survivor] = [world.spawn(), world.spawn()];
        const map = uniqueName();
        const file = MapFile.create(map, Student, { initial: value(1), participants: victim });
        const other = MapFile.open(map, Student, { access: 'readwrite', participants: survivor });
        const reader = MapFile.open(map, Student);
        died = run(() => deed(file), dieAt).died;
        if (died) world.kill(victim.self);
        const seen = reader.read();
        assert.ok([1, 2].includes(seen.ID), `${seen.ID} after death at ${dieAt}`);
        assert.deepEqual({ ...seen, marks: [...seen.marks] }, value(seen.ID));
        assert.equal(
          other.updateSync((s) => s.ID),
          seen.ID,
        );
        other.writeSync(value(5));
        assert.equal(reader.read().ID, 5);
        points = dieAt;
        old += seen.ID === 1 ? 1 : 0;
        recovered += other.lastRecovery ? 1 : 0;
        for (const each of [reader, other, file]) each.close();
      }
      t.diagnostic(`${points} points: ${old} with the old value, ${recovered} undone`);
      assert.ok(points > 5 && recovered > 0);
    });
  }

  it('death at every store of create leaves nothing, or the whole object', (t) => {
    let points = 0;
    for (let dieAt = 1, died = true; died; dieAt++) {
      const map = uniqueName();
      let file: Writer | undefined;
      const create = () => {
        file = MapFile.create(map, Student, {
          initial: (s) => {
            s.assign(value(1));
            // While it is being filled nobody can see it.
            aside(() => assert.equal(MapFile.exists(map), false));
          },
        });
      };
      died = run(create, dieAt).died;
      const next = MapFile.openOrCreate(map, Student, { initial: value(1) });
      assert.equal(next.created, file === undefined);
      assert.equal(next.read().name, 'student 1');
      next.updateSync((s) => (s.ID += 1));
      assert.equal(next.read().ID, 2);
      next.close();
      file?.close();
      points = dieAt;
    }
    t.diagnostic(`${points} points`);
    assert.ok(points > 5);
  });
});
