import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import * as k from '../../src/ffi/kernel32.ts';
import { nodeOptions } from '../support/children.ts';
import { root } from '../support/snippets.ts';
import { must, onWindows, uniqueName } from './support.ts';

describe('kernel objects', onWindows, () => {
  it('a mutex is owned by its thread, counts, and refuses a release too many', () => {
    const name = uniqueName();
    const mutex = must(k.CreateMutexW(null, k.TRUE, name));
    const same = must(k.OpenMutexW(k.SYNCHRONIZE | k.MUTEX_MODIFY_STATE, k.FALSE, name));
    assert.equal(k.WaitForSingleObject(same, 0), k.WAIT_OBJECT_0);
    must(k.ReleaseMutex(same));
    must(k.ReleaseMutex(mutex));
    assert.equal(k.ReleaseMutex(mutex), 0);
    for (const handle of [mutex, same]) must(k.CloseHandle(handle));
  });

  it('a mutex of a process that ended holding it is abandoned, once', () => {
    const name = uniqueName();
    const mutex = must(k.CreateMutexW(null, k.FALSE, name));
    const program =
      `import * as k from './src/ffi/kernel32.ts';` +
      `const m = k.OpenMutexW(${k.MUTEX_ALL_ACCESS}, 0, '${name}');` +
      `process.exit(k.WaitForSingleObject(m, 0) === 0 ? 7 : 1);`;
    const args = [...nodeOptions, '--input-type=module', '-e', program];
    const child = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
    assert.equal(child.status, 7, child.stderr);
    assert.equal(k.WaitForSingleObject(mutex, 5000), k.WAIT_ABANDONED);
    must(k.ReleaseMutex(mutex));
    assert.equal(k.WaitForSingleObject(mutex, 0), k.WAIT_OBJECT_0);
    must(k.CloseHandle(mutex));
  });

  it('events and semaphores signal as declared', () => {
    const [eventName, semaphoreName] = [uniqueName(), uniqueName()];
    const event = must(k.CreateEventW(null, k.TRUE, k.FALSE, eventName));
    const opened = must(k.OpenEventW(k.EVENT_ALL_ACCESS, k.FALSE, eventName));
    assert.equal(k.WaitForSingleObject(event, 0), k.WAIT_TIMEOUT);
    must(k.SetEvent(opened));
    assert.equal(k.WaitForSingleObject(event, 0), k.WAIT_OBJECT_0);
    must(k.ResetEvent(opened));
    assert.equal(k.WaitForSingleObject(event, 0), k.WAIT_TIMEOUT);

    const semaphore = must(k.CreateSemaphoreW(null, 1, 2, semaphoreName));
    const again = must(k.OpenSemaphoreW(k.SEMAPHORE_ALL_ACCESS, k.FALSE, semaphoreName));
    const previous = new Int32Array(1);
    must(k.ReleaseSemaphore(again, 1, previous));
    assert.equal(previous[0], 1);
    assert.equal(k.ReleaseSemaphore(again, 1, null), 0);
    for (const handle of [event, opened, semaphore, again]) must(k.CloseHandle(handle));
  });

  it('WaitForMultipleObjects says which', () => {
    const first = must(k.CreateEventW(null, k.FALSE, k.FALSE, null));
    const second = must(k.CreateEventW(null, k.FALSE, k.TRUE, null));
    assert.equal(k.WaitForMultipleObjects(2, [first, second], k.FALSE, 0), k.WAIT_OBJECT_0 + 1);
    assert.equal(k.WaitForMultipleObjects(2, [first, second], k.TRUE, 0), k.WAIT_TIMEOUT);
    for (const handle of [first, second]) must(k.CloseHandle(handle));
  });

  it('GetCurrentThreadId is the same within a thread', () => {
    assert.equal(k.GetCurrentThreadId(), k.GetCurrentThreadId());
    assert.ok(k.GetCurrentThreadId() > 0);
  });
});

describe('text and rights', onWindows, () => {
  it('FormatMessageW explains an error number', () => {
    const buffer = new Uint16Array(512);
    const flags = k.FORMAT_MESSAGE_FROM_SYSTEM | k.FORMAT_MESSAGE_IGNORE_INSERTS;
    const length = k.FormatMessageW(flags, null, k.ERROR_ACCESS_DENIED, 0, buffer, buffer.length, null);
    assert.ok(length > 5);
    assert.match(String.fromCharCode(...buffer.subarray(0, length)), /\S{3}/);
  });

  it('code pages convert there and back', () => {
    assert.ok(k.GetACP() > 0);
    const bytes = new Uint8Array(8);
    assert.equal(k.WideCharToMultiByte(1252, 0, 'é€', 2, bytes, 8, null, null), 2);
    assert.deepEqual([...bytes.subarray(0, 2)], [0xe9, 0x80]);
    const wide = new Uint16Array(8);
    assert.equal(k.MultiByteToWideChar(1252, 0, bytes, 2, wide, 8), 2);
    assert.equal(String.fromCharCode(...wide.subarray(0, 2)), 'é€');
    assert.equal(k.MultiByteToWideChar(k.CP_UTF8, k.MB_ERR_INVALID_CHARS, Uint8Array.of(0xff), 1, wide, 8), 0);
  });

  it('a descriptor made from SDDL protects an object, and a bad one is refused', () => {
    const address = new BigUint64Array(1);
    const convert = k.ConvertStringSecurityDescriptorToSecurityDescriptorW;
    must(convert('D:P(A;;GA;;;WD)', k.SDDL_REVISION_1, address, null));
    const descriptor = address[0]! as k.LPVOID;
    const handle = must(k.CreateMutexW(new k.SECURITY_ATTRIBUTES(descriptor, k.FALSE), k.FALSE, uniqueName()));
    must(k.CloseHandle(handle));
    assert.equal(k.LocalFree(descriptor), null);
    assert.equal(convert('nonsense', k.SDDL_REVISION_1, address, null), 0);
  });
});
