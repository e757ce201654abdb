import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ReadGuard } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { MapFile, MappedView, mutexOf, NamedMutex, Telemetry, telemetryHolds } from './telemetry.ts';

after(killAll);

/** More of them: `MAPFILE_READS=100000`. */
const READS = Number(process.env.MAPFILE_READS ?? 4000);

const guards: Record<string, (name: string) => ReadGuard<typeof Telemetry>> = {
  sequence: () => ({ sequence: 'sequence' }),
  'begin and end': () => ({ begin: 'begin', end: 'end' }),
  busy: () => ({ busy: 'busy' }),
  mutex: (name) => ({ mutex: mutexOf(name) }),
  // Not `busy`: it is 0 both before and after a write while the counter has the same odd value.
  function: () => (h) => (h.sequence % 2 === 0 ? h.sequence : undefined),
};

describe('A foreign publisher in full swing', () => {
  for (const [kind, guardOf] of Object.entries(guards)) {
    it(`is never read torn behind a guard: ${kind}`, async (t) => {
      const name = uniqueName();
      const view = MappedView.create(name, Telemetry.byteLength);
      const mutex = NamedMutex.create(mutexOf(name));
      const child = start('./children/publisher.ts', { from: import.meta.url, args: [name, kind] });
      await child.next('publishing');
      const file = MapFile.open(name, Telemetry, { guard: guardOf(name) });
      let [torn, busy, different] = [0, 0, 0];
      let last: number | undefined;
      for (let i = 0; i < READS; i++) {
        try {
          const value = file.read();
          if (!telemetryHolds(value)) torn += 1;
          if (value.values[0] !== last) different += 1;
          last = value.values[0];
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_BUSY') throw error;
          busy += 1;
        }
      }
      assert.ok(telemetryHolds(await file.readLocked({ timeoutMs: 30_000 })));
      t.diagnostic(`${different} different values in ${READS} reads, ${busy} busy`);
      assert.equal(torn, 0);
      assert.ok(different > 1);
      child.send({ type: 'stop' });
      await child.ended;
      file.close();
      mutex.close();
      view.close();
    });
  }

  it('is read torn without one, so the test can see it', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, Telemetry.byteLength);
    const child = start('./children/publisher.ts', { from: import.meta.url, args: [name, 'none'] });
    await child.next('publishing');
    const file = MapFile.open(name, Telemetry);
    let torn = 0;
    while (torn === 0) {
      for (let i = 0; i < 1000; i++) if (!telemetryHolds(file.read())) torn += 1;
      await new Promise(setImmediate);
    }
    child.send({ type: 'stop' });
    await child.ended;
    file.close();
    view.close();
  });
});
