import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { uniqueName } from '../support/names.ts';
import { type Child, killAll, start } from '../support/processes.ts';
import { namesLeft } from '../support/resources.ts';
import { whole } from './children/whole.ts';

const RACERS = 16;
const ROUNDS = 200;
const BATCH = 10;

describe('sixteen processes', () => {
  let racers: Child[] = [];

  before(async () => {
    racers = Array.from({ length: RACERS }, () => start('./children/racer.ts', { from: import.meta.url }));
    await Promise.all(racers.map((racer) => racer.next('ready')));
  });
  after(killAll);

  it('that race for a name have one creator, and all see its contents', async () => {
    const creators = new Set<number>();
    for (let round = 0; round < ROUNDS; round += BATCH) {
      const names = Array.from({ length: BATCH }, () => uniqueName());
      const answers = racers.map((racer) => racer.next<{ created: string[]; broken: number }>('opened'));
      for (const [i, racer] of racers.entries()) racer.send({ type: 'open', names, start: i % BATCH });
      const opened = await Promise.all(answers);
      for (const [i, { created }] of opened.entries()) if (created.length > 0) creators.add(i);
      assert.deepEqual(
        opened.flatMap(({ created }) => created).sort(),
        names.slice().sort(),
        `round ${round}: each name has one creator`,
      );
      assert.deepEqual([...new Set(opened.map(({ broken }) => broken))], [0], 'nobody sees unfinished contents');

      const closed = racers.map((racer) => racer.next('closed'));
      for (const racer of racers) racer.send({ type: 'close' });
      await Promise.all(closed);
      assert.deepEqual(
        names.filter((name) => MappedView.exists(name)),
        [],
      );
    }
    assert.ok(creators.size > 1, 'the race was one');
  });

  it('that open while the last holder closes never hold an orphan', async () => {
    const name = uniqueName();
    const rounds = system === 'windows' ? 50 : 200;
    const answers = racers.map((racer) => racer.next<{ created: number; orphans: number; broken: number }>('churned'));
    for (const racer of racers) racer.send({ type: 'churn', name, rounds });
    const churned = await Promise.all(answers);
    const sum = (key: 'created' | 'orphans' | 'broken') => churned.reduce((total, one) => total + one[key], 0);
    assert.deepEqual([sum('orphans'), sum('broken')], [0, 0]);
    // Wine's server takes turns so slowly that somebody always holds the name.
    assert.ok(sum('created') > (system === 'windows' ? 0 : 1), `the name went and came: ${sum('created')} times`);
    assert.equal(MappedView.exists(name), false);
    assert.deepEqual(namesLeft(name), []);
  });

  it('that are killed one by one while they create leave the name whole or absent', async () => {
    const name = uniqueName();
    for (const racer of racers) racer.send({ type: 'mortal', name });
    await Promise.all(racers.map((racer) => racer.next('looping')));
    let seen = 0;
    const look = () => {
      try {
        const view = MappedView.open(name);
        assert.equal(view.byteLength, 64 * 1024);
        assert.ok(whole(view), 'a name that can be opened has all its contents');
        view.close();
        seen++;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_NAME_NOT_FOUND') throw error;
      }
    };
    const ends = [];
    for (const racer of racers) {
      // Somewhere in the loop of its victim, which never reads a message again.
      for (let turns = randomInt(8); turns >= 0; turns--) {
        look();
        await nextTurn();
      }
      ends.push(racer.kill());
      look();
    }
    assert.deepEqual(new Set((await Promise.all(ends)).map(({ signal }) => signal)), new Set(['SIGKILL']));
    assert.ok(seen > 0);
    assert.equal(MappedView.exists(name), false);
    const view = MappedView.create(name, 8);
    assert.ok(view.toBytes().every((byte) => byte === 0));
    view.close();
    assert.deepEqual(namesLeft(name), []);
  });
});
