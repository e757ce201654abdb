import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, constants, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import type { ParticipantId } from '../../src/base/participants.ts';
import { PosixBells } from '../../src/os/posix-bell.ts';
import { uniqueName } from '../support/shared-memory.ts';
import { startWorker } from '../support/workers.ts';

const id = (n: number) => n as ParticipantId;

describe('PosixBells', { skip: system !== 'linux' && 'Linux only' }, () => {
  const folder = '/dev/shm/';
  const there = (prefix: string) => readdirSync(folder).filter((file) => file.startsWith(prefix));
  const make = () => {
    const prefix = `.${uniqueName('bell')}`;
    return { prefix, bells: new PosixBells({ folder, prefix, mode: 0o600 }) };
  };
  /** A promise of the next ring. */
  const ear = () => {
    let heard = () => {};
    const next = () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      });
    return { hear: () => heard(), next };
  };

  it('is heard in the event loop, after one ring and after a thousand', async () => {
    const { prefix, bells } = make();
    const { hear, next } = ear();
    const keep = setInterval(() => {}, 1000);
    const hearing = bells.listen(id(5), hear);
    for (const times of [1, 1000, 70_000]) {
      const heard = next();
      for (let i = 0; i < times; i++) bells.ring(0, id(5)); // more than a pipe holds: nobody is held up
      await heard;
    }
    clearInterval(keep);
    hearing.close();
    bells.close();
    assert.deepEqual(there(prefix), []);
  });

  it('is found again when its owner has listened anew', async () => {
    const { prefix, bells } = make();
    const keep = setInterval(() => {}, 1000);
    for (let i = 0; i < 3; i++) {
      const { hear, next } = ear();
      const heard = next();
      const hearing = bells.listen(id(5), hear);
      bells.ring(0, id(5));
      await heard;
      hearing.close();
      await new Promise(setImmediate);
      bells.ring(0, id(5)); // in vain
    }
    clearInterval(keep);
    bells.close();
    assert.deepEqual(there(prefix), []);
  });

  it('removes what the dead left, one or all, and nothing else', () => {
    const { prefix, bells } = make();
    const other = `${prefix}x.7`;
    for (const file of [`${prefix}.5`, `${prefix}.6`, other]) writeFileSync(folder + file, '');
    bells.remove(id(5));
    assert.deepEqual(there(prefix).sort(), [`${prefix}.6`, other].sort());
    bells.removeAll();
    assert.deepEqual(there(prefix), [other]);
    new PosixBells({ folder, prefix: `${prefix}x`, mode: 0o600 }).removeAll();
    assert.deepEqual(there(prefix), []);
  });

  it('does not listen to a file that is no FIFO, and leaves no descriptor open', () => {
    const { prefix, bells } = make();
    const lowest = () => {
      const fd = openSync('/dev/null', constants.O_RDONLY);
      closeSync(fd);
      return fd;
    };
    writeFileSync(`${folder}${prefix}.5`, '');
    const before = lowest();
    assert.throws(() => bells.listen(id(5), () => {}));
    assert.equal(lowest(), before);
    assert.deepEqual(there(prefix), []);
  });

  it('leaves nothing for the end of its Worker to close, which would be another file by then', async () => {
    const { prefix } = make();
    const worker = startWorker(new URL('./children/bell-worker.ts', import.meta.url), { folder, prefix });
    await once(worker, 'message');
    const isOpen = () => readdirSync('/proc/self/fd').some((fd) => linkOf(fd).includes(prefix));
    while (isOpen()) await new Promise(setImmediate);
    const files = Array.from({ length: 20 }, () => openSync('/dev/null', constants.O_RDONLY));
    worker.postMessage('end');
    await once(worker, 'exit');
    for (const fd of files) closeSync(fd); // EBADF if it has been closed
  });
});

/** What a descriptor of this process stands for. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // closed since
  }
}
