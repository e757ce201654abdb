/** Where the system ends: full folders, no address space, other users, offsets and lengths over 4 GiB. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MAX_VIEW_LENGTH } from '../../src/ffi/external-memory.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { findCommand } from '../interop/native.ts';
import { uniqueName } from '../support/names.ts';
import { noPrivateShm, runInPrivateShm } from '../support/private-shm.ts';
import { killAll, start } from '../support/processes.ts';
import { held, namesLeft } from '../support/resources.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapfile-limits-'));
chmodSync(folder, 0o755);
after(killAll);
after(() => rmSync(folder, { recursive: true }));

const GIB = 2 ** 30;

/** A file of `byteLength` bytes that takes no room, with `text` at an offset. */
function sparse(byteLength: number, byteOffset: number, text: string): string {
  const path = join(folder, `sparse-${byteLength}-${byteOffset}`);
  const fd = openSync(path, 'w+');
  ftruncateSync(fd, byteLength);
  writeSync(fd, text, byteOffset);
  closeSync(fd);
  return path;
}

interface Told {
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly message?: string;
  readonly context?: { name?: string; requested?: number };
  readonly value?: unknown;
}

describe('a full /dev/shm', { skip: noPrivateShm }, () => {
  it('is an error at create() with the size, no SIGBUS at a touch, and leaves nothing', () => {
    const file = new URL('./children/full.ts', import.meta.url);
    const { attempts, kept, before, now, full, pages, object, left } = JSON.parse(runInPrivateShm(file, '256k'));
    for (const { byteLength, code, errno, syscall, message, context } of attempts) {
      assert.deepEqual([code, errno, syscall], ['ERR_OUT_OF_MEMORY', 28, 'posix_fallocate'], message);
      // Names stand on whole pages, with the footer.
      assert.ok(context.requested >= byteLength && context.requested <= byteLength + 4096 * 16, message);
      assert.match(message, new RegExp(`no room for ${context.requested} bytes \\(ENOSPC\\), free some`));
    }
    assert.equal(attempts.length, 7);
    assert.deepEqual(kept, [4096, 7], 'a file that cannot grow stays as it was');
    assert.deepEqual(now.descriptors, before.descriptors);
    assert.deepEqual([full, object], ['ERR_OUT_OF_MEMORY', 'ERR_OUT_OF_MEMORY']);
    assert.ok(pages > 10, `${pages} pages`);
    assert.deepEqual(left, ['grows']);
  });
});

describe('no address space', { skip: system === 'linux' && findCommand('prlimit') ? false : 'no prlimit' }, () => {
  it('is an error with the size, and leaves no descriptor, mapping or file', async () => {
    const path = sparse(256 * 2 ** 20, 0, 'x');
    const child = start('./children/limited.ts', { from: import.meta.url, args: [path] });
    await child.next('ready');
    const [, kib] = /VmSize:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))!;
    const limit = (Number(kib) + 128 * 1024) * 1024;
    assert.equal(spawnSync('prlimit', ['--pid', String(child.pid), `--as=${limit}`]).status, 0);
    child.send({ type: 'go' });
    const { errors, before, now } = await child.next<{
      errors: Told[];
      before: { descriptors: number };
      now: { descriptors: number };
    }>('tried');
    const [opened, missing, created] = errors;
    for (const told of [opened!, created!]) {
      assert.deepEqual([told.code, told.errno, told.syscall], ['ERR_OUT_OF_MEMORY', 12, 'mmap'], told.message);
      assert.match(told.message!, /ENOMEM for 268435456 bytes, close some mappings/);
      assert.deepEqual(told.context, { requested: 256 * 2 ** 20 });
    }
    assert.equal(missing!.code, 'ERR_NAME_NOT_FOUND');
    assert.equal(existsSync(`${path}.new`), false);
    assert.equal(now.descriptors, before.descriptors);
    assert.equal((await child.ended).code, 0);
  });
});

describe("another user's memory", { skip: system === 'linux' && process.getuid!() === 0 ? false : 'root only' }, () => {
  it('is denied unless it was shared, and what is stale or fresh stays right', async () => {
    const own = MappedView.create(uniqueName(), 8);
    const shared = MappedView.create(uniqueName(), 8, { share: 'everyone' });
    const stale = uniqueName();
    const owner = start('./children/keeper.ts', { from: import.meta.url, args: [stale, 'create'] });
    await owner.next('holding');
    await owner.kill();
    const file = join(folder, 'root-only');
    writeFileSync(file, 'secret', { mode: 0o600 });

    const args = [own.name, shared.name, stale, file];
    const child = start('./children/nobody.ts', { from: import.meta.url, args });
    const { answers, before, now, mine } = await child.next<{
      answers: Record<string, Told>;
      before: { descriptors: number };
      now: { descriptors: number };
      mine: string;
    }>('tried');
    for (const [key, syscall] of [
      ['open', 'open'],
      ['write', 'open'],
      ['openOrCreate', 'open'],
      ['unlink', 'open'],
      ['file', 'open'],
      ['write_file', 'open'],
    ] as const) {
      const told = answers[key]!;
      assert.deepEqual([told.code, told.syscall], ['ERR_ACCESS_DENIED', syscall], key);
      assert.match(told.message!, /this user may not; the creator can widen it with share or mode/);
      assert.equal(told.context!.name, key.endsWith('file') ? file : own.name);
    }
    assert.equal(answers.create!.code, 'ERR_NAME_EXISTS');
    assert.deepEqual([answers.exists, answers.shared], [{ value: true }, { value: false }]);
    assert.equal(shared.bytes()[0], 9);
    // Any process of its owner, on this machine, may have swept the stale name meanwhile.
    assert.match(answers.stale!.code!, /^ERR_(ACCESS_DENIED|NAME_NOT_FOUND)$/);
    assert.equal(now.descriptors, before.descriptors);

    // Root may open what nobody made, and is no reason for it to stay.
    const theirs = MappedView.open(mine);
    assert.equal(theirs.toBytes()[0], 4);
    child.send({ type: 'close' });
    assert.equal((await child.ended).code, 0);
    assert.equal(MappedView.exists(mine), true);
    theirs.close();
    own.close();
    shared.close();
    assert.equal(MappedView.exists(stale), false);
    for (const name of [mine, stale, own.name, shared.name]) assert.deepEqual(namesLeft(name), []);
  });
});

describe('more than 4 GiB', { skip: system === 'windows' && 'a file there takes all its room' }, () => {
  it('are offsets like others', () => {
    const at = 4.5 * GIB + 12_345;
    const path = sparse(5 * GIB, at, 'far away');
    for (const access of ['read', 'readwrite', 'copy-on-write'] as const) {
      const view = MappedView.openFile(path, { access, byteOffset: at, byteLength: 8 });
      assert.equal(Buffer.from(view.toBytes()).toString(), 'far away');
      view.close();
    }
    const tail = MappedView.openFile(path, { byteOffset: at });
    assert.equal(tail.byteLength, 5 * GIB - at);
    assert.equal(tail.dataView().getUint8(0), 'f'.charCodeAt(0));
    tail.close();
    assert.throws(() => MappedView.openFile(path, { byteOffset: 5 * GIB - 4, byteLength: 5 }), {
      code: 'ERR_TOO_SMALL',
      context: { name: path, byteLength: 5 * GIB, needed: 5 * GIB + 1 },
    });
    rmSync(path);
  });

  it('are mapped whole where a view can be so long, and refused elsewhere', () => {
    const at = 4.5 * GIB;
    const path = sparse(5 * GIB, at, 'far away');
    const before = held();
    if (MAX_VIEW_LENGTH <= 5 * GIB) {
      assert.throws(
        () => MappedView.openFile(path),
        /RangeError: Cannot map 5368709120 bytes .* pass byteOffset and byteLength/,
      );
      assert.throws(() => MappedView.openFile(path, { byteLength: 2 ** 32 }), RangeError);
      const most = MappedView.openFile(path, { byteLength: 2 ** 32 - 4096 });
      assert.equal(most.dataView().getUint8(2 ** 32 - 4097), 0);
      most.close();
    } else {
      const view = MappedView.openFile(path, { access: 'readwrite' });
      assert.equal(view.byteLength, 5 * GIB);
      assert.equal(Buffer.from(view.toBytes({ byteOffset: at, byteLength: 8 })).toString(), 'far away');
      assert.equal(Buffer.from(view.bytes().subarray(at, at + 8)).toString(), 'far away');
      const part = view.subview(at + 4, 4);
      part.fill(0x2e);
      assert.equal(view.dataView().getUint32(at + 4), 0x2e2e2e2e);
      view.flushSync({ byteOffset: at, byteLength: 8 });
      view.close();
      assert.throws(() => part.toBytes(), { code: 'ERR_CLOSED' });
    }
    assert.equal(held().descriptors, before.descriptors);
    rmSync(path);
  });
});

describe('The limit of open files', { skip: system === 'windows' && 'there is none to reach' }, () => {
  it('is told with a remedy', () => {
    const code = `
      import { closeSync, openSync } from 'node:fs';
      import { MappedView } from ${JSON.stringify(new URL('../../src/memory/mapped-view.ts', import.meta.url).href)};
      const name = ${JSON.stringify(uniqueName())};
      MappedView.create(name, 8).close();
      const fds = [];
      try { for (;;) fds.push(openSync('/dev/null')); } catch {}
      try { MappedView.create(name, 8); } catch (error) { console.log(error.code, error.message); }
      for (const fd of fds) closeSync(fd);
      MappedView.create(name, 8).close();
      console.log('and then it works');`;
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, ...process.execArgv, '--input-type=module', '-e', code],
      { encoding: 'utf8' },
    );
    assert.match(
      stdout,
      /^ERR_SYSTEM Cannot create ".*": \w+ says EMFILE, this process has too many files open, close .*ulimit -n\)\nand then it works\n$/,
      stderr,
    );
  });
});
