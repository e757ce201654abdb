import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as k from '../../src/ffi/kernel32.ts';
import type { Section } from '../../src/os/contract.ts';
import { windowsSystem as os } from '../../src/os/windows.ts';
import { objectPath } from '../../src/os/windows-names.ts';
import { leavesNoHandle, must, onWindows } from '../kernel32/support.ts';
import { root } from '../support/snippets.ts';
import { creation, filledWith, judge, program, uniqueName } from './windows-support.ts';

const code = (expected: string) => (error: Error & { code?: string; errno?: number }) => {
  assert.equal(error.code, expected, error.stack);
  assert.ok(!error.message.endsWith('.'), error.message);
  return true;
};

describe('named sections on Windows', onWindows, () => {
  it('createSection() shows its contents to the first opener', () => {
    const name = uniqueName();
    const made = os.createSection(name, creation(8192, filledWith(7)));
    const opened = os.openSection(name, { access: 'read', judge });
    assert.equal(opened.byteLength, 8192);
    assert.equal(opened.writable, false);
    assert.equal(opened.originKey, made.originKey);
    const region = opened.map(4095, 2, 'read');
    assert.deepEqual([...new Uint8Array(region.buffer)], [7, 7]);
    region.unmap();
    opened.close();
    made.close();
  });

  it('the name is free again after the last close(), whatever is still mapped', () => {
    const name = uniqueName();
    const made = os.createSection(name, creation(4096, filledWith(1)));
    const region = made.map(0, 4096, 'readwrite');
    assert.equal(os.sectionExists(name, judge), true);
    made.close();
    made.close();
    assert.equal(os.sectionExists(name, judge), false);
    assert.throws(() => os.openSection(name, { access: 'read', judge }), code('ERR_NAME_NOT_FOUND'));
    assert.equal(new Uint8Array(region.buffer)[4095], 1);
    region.unmap();
    assert.throws(() => made.map(0, 1, 'read'), code('ERR_CLOSED'));
  });

  it('createSection() refuses a name in use, by whatever kind', () => {
    const name = uniqueName();
    const made = os.createSection(name, creation(4096));
    assert.throws(() => os.createSection(name, creation(4096)), code('ERR_NAME_EXISTS'));
    made.close();
    const makers = {
      mutex: () => k.CreateMutexW(null, k.FALSE, objectPath(name)),
      event: () => k.CreateEventW(null, k.FALSE, k.FALSE, objectPath(name)),
      semaphore: () => k.CreateSemaphoreW(null, 1, 1, objectPath(name)),
    };
    for (const [kind, make] of Object.entries(makers)) {
      const handle = must(make());
      for (const attempt of [
        () => os.createSection(name, creation(4096)),
        () => os.openSection(name, { access: 'readwrite', judge }),
      ]) {
        assert.throws(attempt, (error: Error & { context?: { actual: string } }) => {
          assert.equal(error.context?.actual, kind);
          return code('ERR_WRONG_KIND')(error);
        });
      }
      assert.equal(os.sectionExists(name, judge), false);
      must(k.CloseHandle(handle));
    }
  });

  it('a fill that throws leaves no name and no handle', () => {
    const name = uniqueName();
    const broken = () => {
      throw new Error('no contents');
    };
    leavesNoHandle(() => {
      assert.throws(() => os.createSection(name, creation(4096, broken)), /no contents/);
      assert.throws(() => os.openSection(name, { access: 'read', judge }), code('ERR_NAME_NOT_FOUND'));
    });
    os.createSection(name, creation(4096)).close();
  });

  it('no failure leaves a handle', () => {
    const name = uniqueName();
    const made = os.createSection(name, creation(4096));
    const sddl = { ...creation(4096), security: { share: 'user', sddl: 'nonsense' } as const };
    leavesNoHandle(() => {
      assert.throws(() => os.createSection(name, creation(4096)), code('ERR_NAME_EXISTS'));
      assert.throws(() => os.openSection(uniqueName(), { access: 'read', judge }), code('ERR_NAME_NOT_FOUND'));
      assert.throws(() => made.map(1, 4096, 'read'), code('ERR_TOO_SMALL'));
      assert.throws(() => made.map(0, 0, 'read'), RangeError);
      assert.throws(() => os.createSection(uniqueName(), sddl), TypeError);
      assert.throws(() => os.unlinkSection(name, judge, () => {}), code('ERR_PLATFORM_UNSUPPORTED'));
    });
    made.close();
  });

  it('more memory than there is fails at create', () => {
    leavesNoHandle(() => {
      assert.throws(
        () => os.createSection(uniqueName(), creation(2 ** 46)),
        (error: Error & { code?: string }) => ['ERR_OUT_OF_MEMORY', 'ERR_SYSTEM'].includes(error.code!),
      );
    });
  });

  it('a section of a C program is known by its pages', () => {
    const name = uniqueName();
    const handle = must(k.CreateFileMappingW(k.INVALID_HANDLE_VALUE, null, k.PAGE_READWRITE, 0, 24, name.base));
    const opened = os.openSection(name, { access: 'readwrite', judge });
    assert.equal(opened.byteLength, 4096);
    opened.close();
    must(k.CloseHandle(handle));
  });

  it('reserved pages do not count: a touch there would end the process', () => {
    const name = uniqueName();
    const protect = k.PAGE_READWRITE | k.SEC_RESERVE;
    const handle = must(k.CreateFileMappingW(k.INVALID_HANDLE_VALUE, null, protect, 0, 65_536, name.base));
    const opened = os.openSection(name, { access: 'read', judge });
    assert.equal(opened.byteLength, 0);
    opened.close();
    must(k.CloseHandle(handle));
  });

  it('a descriptor that lets nobody in is ERR_ACCESS_DENIED, and "upgrade" takes what it gets', () => {
    const name = uniqueName();
    const denied = { ...creation(4096), security: { share: 'user', sddl: 'D:P' } as const };
    const made = os.createSection(name, denied);
    assert.throws(() => os.openSection(name, { access: 'read', judge }), code('ERR_ACCESS_DENIED'));
    assert.equal(os.sectionExists(name, judge), true);
    assert.throws(() => os.createSection(name, creation(4096)), code('ERR_NAME_EXISTS'));
    made.close();

    const reading = uniqueName();
    // Standard rights to read, SECTION_QUERY and SECTION_MAP_READ.
    const readable = { ...creation(4096), security: { share: 'user', sddl: 'D:P(A;;0x00020005;;;WD)' } as const };
    const forReading = os.createSection(reading, readable);
    assert.throws(() => os.openSection(reading, { access: 'readwrite', judge }), code('ERR_ACCESS_DENIED'));
    const upgraded = os.openSection(reading, { access: 'upgrade', judge });
    assert.equal(upgraded.writable, false);
    upgraded.close();
    forReading.close();

    const shared = { ...creation(4096), security: { share: 'everyone' } as const };
    const everyones = os.createSection(uniqueName(), shared);
    assert.equal(os.openSection(everyones.name, { access: 'upgrade', judge }).writable, true);
    everyones.close();
  });

  it('Global and Local names are different, and so are their keepers', (t) => {
    const local = uniqueName();
    const global = { ...local, scope: 'global' } as const;
    let made: Section;
    try {
      made = os.createSection(global, creation(4096, filledWith(3)));
    } catch (error) {
      assert.match((error as Error).message, /SeCreateGlobalPrivilege/);
      t.skip('this user may not create global names');
      return;
    }
    // Where this session is the one of the services, both are one name.
    const same = k.OpenFileMappingW(k.FILE_MAP_READ, k.FALSE, `Local\\${local.base}`);
    if (same) must(k.CloseHandle(same));
    assert.equal(os.sectionExists(local, judge), same !== null);
    const opened = os.openSection(global, { access: 'read', judge });
    assert.equal(opened.map(0, 1, 'read').copyOut(0, 1)[0], 3);
    opened.close();
    made.close();
  });

  it('the longest name of each scope makes and opens', () => {
    for (const scope of ['local', 'global'] as const) {
      const base = `${uniqueName().base}-`.padEnd(os.capabilities.maxNameLength, 'x');
      const name = { spelled: base, scope, base };
      let made: Section;
      try {
        made = os.createSection(name, creation(4096));
      } catch (error) {
        assert.match((error as Error).message, /SeCreateGlobalPrivilege/);
        continue;
      }
      os.openSection(name, { access: 'read', judge }).close();
      made.close();
    }
  });

  it('a process killed while it fills leaves a name that the next one makes', async () => {
    const name = uniqueName();
    const child = program(`os.createSection(${JSON.stringify(name)}, support.creation(4096, () => {
      console.log('filling'); for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }));`);
    assert.equal(await child.line(), 'filling');
    await child.kill();
    assert.throws(() => os.openSection(name, { access: 'read', judge }), code('ERR_NAME_NOT_FOUND'));
    const made = os.createSection(name, creation(4096, filledWith(9)));
    assert.equal(made.map(0, 1, 'read').copyOut(0, 1)[0], 9);
    made.close();
  });

  it('an opener waits for a creation to end', async () => {
    const name = uniqueName();
    const child = program(`let until = Date.now() + 700;
      const section = os.createSection(${JSON.stringify(name)}, support.creation(4096, (section) => {
        console.log('filling'); while (Date.now() < until); support.filledWith(5)(section);
      }));
      process.stdin.on('end', () => section.close()).resume();`);
    assert.equal(await child.line(), 'filling');
    const opened = os.openSection(name, { access: 'read', judge });
    assert.equal(opened.map(0, 1, 'read').copyOut(0, 1)[0], 5);
    opened.close();
    assert.equal(await child.exit(), 0);
  });

  // Node 20 strips no types, and tsx does not reach into its Workers.
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  it('what a terminated Worker left unfinished is not found, and is made anew', { skip: !strips }, async () => {
    const name = uniqueName();
    const url = (file: string) => pathToFileURL(`${root}/${file}`).href;
    const source = `
      import { windowsSystem as os } from ${JSON.stringify(url('src/os/windows.ts'))};
      import { creation, filledWith } from ${JSON.stringify(url('test/os/windows-support.ts'))};
      import { parentPort } from 'node:worker_threads';
      os.createSection(${JSON.stringify(name)}, creation(8192, (section) => {
        filledWith(255)(section);
        parentPort.postMessage('filling');
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }));`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    await once(worker, 'message');
    await worker.terminate();
    assert.throws(() => os.openSection(name, { access: 'read', judge }), code('ERR_NAME_NOT_FOUND'));
    assert.equal(os.sectionExists(name, judge), false);
    assert.throws(() => os.createSection(name, creation(4096)), code('ERR_BUSY'));
    const made = os.createSection(
      name,
      creation(8192, (section) => {
        const region = section.map(0, 8192, 'readwrite');
        assert.ok(new Uint8Array(region.buffer).every((byte) => byte === 0));
        new Uint8Array(region.buffer).fill(6);
        region.unmap();
      }),
    );
    const opened = os.openSection(name, { access: 'read', judge });
    assert.equal(opened.map(8191, 1, 'read').copyOut(0, 1)[0], 6);
    opened.close();
    made.close();
  });

  it('of several processes that race for a name one makes it, and all see its contents', async () => {
    const racers = Array.from({ length: 4 }, () =>
      program(`process.stdin.setEncoding('utf8');
        let held;
        process.stdin.on('data', (base) => {
          held?.close();
          const name = { spelled: base.trim(), scope: 'local', base: base.trim() };
          let created = 1;
          try {
            held = os.createSection(name, support.creation(4096, support.filledWith(8)));
          } catch (error) {
            if (error.code !== 'ERR_NAME_EXISTS') throw error;
            created = 0;
            held = os.openSection(name, { access: 'read', judge: support.judge });
          }
          const region = held.map(0, 4096, 'read');
          console.log(created + ' ' + new Uint8Array(region.buffer).every((byte) => byte === 8));
          region.unmap();
        });
        process.stdin.on('end', () => held?.close());`),
    );
    for (let round = 0; round < 20; round += 1) {
      const { base } = uniqueName();
      for (const racer of racers) racer.write(base);
      const answers = await Promise.all(racers.map((racer) => racer.line()));
      assert.deepEqual(answers.toSorted(), ['0 true', '0 true', '0 true', '1 true']);
    }
    for (const racer of racers) assert.equal(await racer.exit(), 0);
  });
});
