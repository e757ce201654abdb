import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import * as win from '../../src/ffi/kernel32.ts';
import { koffiPath } from '../../src/ffi/koffi.ts';
import { listenByWorker } from '../../src/os/bell-worker.ts';
import { EVENT_WORKER } from '../../src/os/participants-worker.ts';
import { uniqueName } from '../support/shared-memory.ts';

describe('the thread that listens to an event', { skip: system !== 'windows' && 'Windows only' }, () => {
  it('waits by a handle of its own: the one it serves may be gone, and its value another object’s', async () => {
    const name = `Local\\${uniqueName('event')}`;
    const [first, second] = [1, 2].map(() => win.CreateEventW(null, win.FALSE, win.FALSE, name)!);
    let heard = () => {};
    let failed = () => {};
    const next = () =>
      new Promise<void>((resolve, reject) => {
        heard = resolve;
        failed = () => reject(new Error('the thread has failed'));
      });
    const rung = next();
    const keep = setInterval(() => {}, 1000);
    const hearing = listenByWorker(
      { source: EVENT_WORKER, data: { koffi: koffiPath, name }, wake: () => void win.SetEvent(second!) },
      () => heard(),
      () => failed(),
    );
    win.SetEvent(first!);
    await rung;
    win.CloseHandle(first!);
    const rungAgain = next();
    win.SetEvent(second!);
    await rungAgain;
    hearing.close();
    win.CloseHandle(second!); // then its own is the last, until it has ended
    clearInterval(keep);
    while (isOpen(name)) await new Promise(setImmediate);
  });
});

function isOpen(name: string): boolean {
  const handle = win.OpenEventW(win.SYNCHRONIZE, win.FALSE, name);
  if (handle !== null) win.CloseHandle(handle);
  return handle !== null;
}
