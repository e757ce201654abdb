import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParticipantId } from '../../src/base/participants.ts';
import { DeathWatch } from '../../src/os/death-watch.ts';
import { Doorbell } from '../../src/os/doorbell.ts';
import { BYTE_LENGTH, HEADER, SLOT, slotWord } from '../../src/os/participants-layout.ts';
import type { RegistrySystem } from '../../src/os/registry.ts';

const OWN = 0;

/** A registry in which nobody is but by our word: slot 0 is ours. */
function registry(listen: RegistrySystem['listen']) {
  const words = new Int32Array(BYTE_LENGTH / 4);
  const living = new Set<number>();
  let asked = 0;
  const lives = (_slot: number, id: ParticipantId) => {
    asked += 1;
    return living.has(id);
  };
  const system = { words, lives, listen } as unknown as RegistrySystem;
  return {
    system,
    words,
    asked: () => asked,
    join(slot: number, id: number) {
      living.add(id);
      words[slotWord(slot, SLOT.id)] = id;
      words[HEADER.highWater] = Math.max(words[HEADER.highWater]!, slot + 1);
    },
    die: (id: number) => living.delete(id),
  };
}

describe('DeathWatch', () => {
  const silent = () => ({ close() {} });

  it('sees a death once, whoever it was', () => {
    const { system, join, die } = registry(silent);
    join(OWN, 1);
    join(1, 7);
    join(2, 8);
    const watch = new DeathWatch(system, OWN);
    watch.changed();
    assert.equal(watch.changed(), false);
    die(8);
    assert.equal(watch.changed(), true);
    assert.equal(watch.changed(), false);
    die(7);
    assert.equal(watch.changed(), true);
  });

  it('sees one whose slot has gone to another, and one that came and died between two looks', () => {
    const { system, join, die } = registry(silent);
    join(1, 7);
    const watch = new DeathWatch(system, OWN);
    watch.changed();
    die(7);
    join(1, 9);
    assert.equal(watch.changed(), true);
    join(2, 10);
    die(10);
    assert.equal(watch.changed(), true);
    assert.equal(watch.changed(), false);
  });

  it('does not ask for the dead again', () => {
    const { system, join, die, asked } = registry(silent);
    for (let slot = 1; slot < 10; slot++) join(slot, slot);
    for (let slot = 1; slot < 10; slot++) die(slot);
    const watch = new DeathWatch(system, OWN);
    watch.changed();
    const before = asked();
    watch.changed();
    assert.equal(asked(), before);
  });
});

describe('Doorbell', () => {
  const forEver = 0x7fff_ffff;

  it('lets all promises look when somebody has died', async () => {
    const { system, join, die } = registry(() => ({ close() {} }));
    join(1, 7);
    const bell = new Doorbell(system, OWN, 1 as ParticipantId);
    const waits = [1, 2, 3].map((key) => bell.sleep(key, () => true, forEver, undefined, undefined));
    die(7);
    await Promise.all(waits);
    bell.stop();
  });

  const deaf: Record<string, RegistrySystem['listen']> = {
    'may not listen': () => {
      throw new Error('not here');
    },
    'finds out later that it cannot listen': (_slot, _id, _heard, failed) => {
      setImmediate(failed);
      return { close() {} };
    },
  };
  for (const [what, listen] of Object.entries(deaf)) {
    it(`serves the promises also where it ${what}`, async () => {
      const { system } = registry(listen);
      const bell = new Doorbell(system, OWN, 1 as ParticipantId);
      let waiting = true;
      const wait = bell.sleep(5, () => waiting, forEver, undefined, undefined);
      waiting = false;
      await wait;
      bell.stop();
    });
  }

  it('listens before it announces, and stops when nobody has waited for a second', async () => {
    let listening = 0;
    const { system, words } = registry(() => {
      assert.equal(words[slotWord(OWN, SLOT.asyncWaiting)], 0, 'whoever finds the announcement rings');
      listening += 1;
      return {
        close() {
          listening -= 1;
        },
      };
    });
    const bell = new Doorbell(system, OWN, 1 as ParticipantId);
    for (let i = 0; i < 3; i++) await bell.sleep(5, () => false, forEver, undefined, undefined);
    assert.equal(listening, 1);
    for (let i = 0; i < 200 && listening > 0; i++) await new Promise((resolve) => setTimeout(resolve, 25));
    assert.equal(listening, 0);
  });
});
