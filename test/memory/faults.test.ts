/** Faults by the dozen: the typed error says what, which value and the remedy, and twenty of them hold nothing. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { system } from '../../src/base/host.ts';
import { MAX_VIEW_LENGTH } from '../../src/ffi/external-memory.ts';
import { isMapFileError, MappedView } from '../../src/index.ts';
import { NamedEvent, NamedMutex, NamedSemaphore } from '../../src/sync/index.ts';
import { uniqueName } from '../support/names.ts';
import { held, namesLeft } from '../support/resources.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapfile-bad-input-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(contents: string | Uint8Array): string {
  const path = join(folder, `file-${++files}`);
  writeFileSync(path, contents);
  return path;
}

type Fault = RegExp | { code: string; message?: RegExp; context?: object };

/** Runs `attempt` many times: it fails as told, and the process holds as much as before. */
function fails(attempt: () => unknown, fault: Fault, type: new (...args: never[]) => Error = Error): void {
  const once = () =>
    assert.throws(attempt, (error: Error & { code?: string; context?: object }) => {
      assert.ok(error instanceof type, `${error.stack} is a ${type.name}`);
      if (fault instanceof RegExp) assert.match(error.message, fault);
      else {
        if (fault.message) assert.match(error.message, fault.message);
        assert.equal(error.code, fault.code);
        assert.ok(error instanceof TypeError || isMapFileError(error, fault.code as 'ERR_CORRUPT'));
        if (fault.context) assert.deepEqual(error.context, fault.context);
      }
      // What, which value, remedy; no full stop.
      assert.match(error.message, /^(Cannot|Timed out) .+[^.]$/s);
      return true;
    });
  once();
  const before = held();
  for (let i = 0; i < 20; i++) once();
  const now = held();
  // The loader may close files of its own meanwhile.
  assert.ok((now.descriptors ?? 0) <= (before.descriptors ?? 0), 'descriptors');
  // V8 may map a page or two of its own meanwhile, not twenty.
  assert.ok((now.mappings ?? 0) < (before.mappings ?? 0) + 10, 'mappings');
}

/** A file that this user may not write to; skips where there is none such (root). */
function withReadOnlyFile(t: TestContext, work: (path: string) => void): void {
  const path = file('read only');
  chmodSync(path, 0o444);
  try {
    if (mayWrite(path)) t.skip('this user may do all');
    else work(path);
  } finally {
    chmodSync(path, 0o644);
  }
}

function mayWrite(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}

function withMap(byteLength: number, work: (name: string, view: MappedView<'readwrite'>) => void): void {
  const name = uniqueName();
  const view = MappedView.create(name, byteLength);
  try {
    work(name, view);
  } finally {
    view.close();
    assert.deepEqual([MappedView.exists(name), namesLeft(name)], [false, []]);
  }
}

describe('names', () => {
  it('of another kind are no memory, and memory is no other kind', () => {
    const kinds = [
      ['mutex', NamedMutex.create],
      ['event', NamedEvent.create],
      ['semaphore', (name: string) => NamedSemaphore.create(name, { initial: 1, maximum: 1 } as never)],
    ] as const;
    for (const [kind, create] of kinds) {
      const name = uniqueName();
      const object = create(name);
      try {
        fails(() => MappedView.open(name), { code: 'ERR_WRONG_KIND', message: new RegExp(`"${name}"`) });
        assert.throws(() => MappedView.create(name, 8), { code: 'ERR_WRONG_KIND' }, kind);
      } finally {
        object.close();
      }
      assert.deepEqual([MappedView.exists(name), namesLeft(name)], [false, []]);
    }
    withMap(8, (name) => {
      fails(() => NamedMutex.open(name), { code: 'ERR_WRONG_KIND', message: new RegExp(`"${name}"`) });
    });
  });

  it('that cannot be are refused before any call', () => {
    for (const make of [
      (name: string) => MappedView.create(name, 8),
      (name: string) => MappedView.open(name),
      (name: string) => MappedView.openOrCreate(name, 8),
      (name: string) => MappedView.exists(name),
    ]) {
      fails(() => make(''), /Cannot use "" as a name: it is empty, name/, RangeError);
      fails(() => make('a/b'), /separator/, RangeError);
      fails(() => make('a\0b'), /NUL/, RangeError);
      fails(() => make('Local\\'), /empty/, RangeError);
      fails(() => make('x'.repeat(40_000)), /at most \d+ fit/, RangeError);
      fails(() => make(7 as never), /Cannot use number as a name: pass a string/, TypeError);
      fails(() => make('\ud800'), /surrogate/, TypeError);
    }
  });
});

describe('lengths and offsets', () => {
  const impossible: [value: unknown, message: RegExp, type: new () => Error][] = [
    [-1, /-1/, RangeError],
    [Number.NaN, /NaN/, RangeError],
    [1.5, /1\.5/, RangeError],
    [Number.POSITIVE_INFINITY, /Infinity/, RangeError],
    [2 ** 53, /9007199254740992/, RangeError],
    ['24', /string/, TypeError],
    [24n, /bigint/, TypeError],
  ];

  it('that are no lengths are refused everywhere', () => {
    withMap(24, (name, view) => {
      const path = file('contents');
      for (const [value, message, type] of impossible) {
        const length = value as number;
        fails(() => MappedView.create(uniqueName(), length), message, type);
        fails(() => MappedView.openOrCreate(uniqueName(), length), message, type);
        fails(() => MappedView.createFile(join(folder, 'never'), length), message, type);
        for (const key of ['byteLength', 'byteOffset']) {
          fails(() => MappedView.open(name, { [key]: length }), message, type);
          fails(() => MappedView.openFile(path, { [key]: length }), message, type);
          fails(() => view.toBytes({ [key]: length }), message, type);
          fails(() => view.flushSync({ [key]: length }), message, type);
        }
        fails(() => view.subview(length), message, type);
        fails(() => view.typedArray(Uint8Array, length), message, type);
        fails(() => view.typedArray(Uint8Array, 0, length), message, type);
      }
      assert.equal(existsSync(join(folder, 'never')), false);
    });
  });

  it('over the longest view are refused before memory or a file is made', () => {
    const name = uniqueName();
    const path = join(folder, 'too-long');
    for (const length of new Set([MAX_VIEW_LENGTH, Number.MAX_SAFE_INTEGER])) {
      const message = new RegExp(`Cannot map ${length} bytes of .*: one view holds fewer than ${MAX_VIEW_LENGTH}`);
      fails(() => MappedView.create(name, length), message, RangeError);
      fails(() => MappedView.openOrCreate(name, length), message, RangeError);
      fails(() => MappedView.createFile(path, length), message, RangeError);
      fails(() => MappedView.openFile(path, { access: 'readwrite', create: true, byteLength: length }), message);
    }
    assert.deepEqual([MappedView.exists(name), existsSync(path)], [false, false]);

    const view = MappedView.createFile(path, 100);
    fails(() => view.resize(MAX_VIEW_LENGTH), /one view holds fewer/, RangeError);
    assert.deepEqual([view.byteLength, view.bytes().byteLength, statSync(path).size], [100, 100, 100]);
    view.close();
  });

  it('past the end are too much', () => {
    withMap(24, (name) => {
      const tooSmall = (needed: number, byteLength = 24) => ({
        code: 'ERR_TOO_SMALL',
        message: new RegExp(`"${name}": it has ${byteLength} bytes, needed ${needed}`),
        context: { name, byteLength, needed },
      });
      fails(() => MappedView.open(name, { byteOffset: 24 }), tooSmall(25));
      fails(() => MappedView.open(name, { byteOffset: 2 ** 40 }), tooSmall(2 ** 40 + 1));
      fails(() => MappedView.open(name, { byteOffset: 20, byteLength: 5 }), tooSmall(25));
      fails(() => MappedView.openOrCreate(name, 25), tooSmall(25));
    });
  });
});

describe('files', () => {
  it('that are none, are missing, or are there already', () => {
    fails(() => MappedView.openFile(folder), { code: 'ERR_WRONG_KIND', message: /director/ });
    fails(() => MappedView.openFile(folder, { access: 'readwrite' }), { code: 'ERR_WRONG_KIND', message: /director/ });
    const missing = join(folder, 'missing');
    fails(() => MappedView.openFile(missing), { code: 'ERR_NAME_NOT_FOUND', message: /missing/ });
    fails(() => MappedView.openFile(join(folder, 'no', 'folder')), { code: 'ERR_NAME_NOT_FOUND', message: /folder/ });
    const path = file('here');
    fails(() => MappedView.createFile(path, 10), { code: 'ERR_NAME_EXISTS', message: /file-/ });
    assert.equal(statSync(path).size, 4);
    fails(() => MappedView.openFile('' as string), /empty/, RangeError);
    fails(() => MappedView.openFile('a\0b'), /NUL/, RangeError);
    fails(() => MappedView.openFile(undefined as never), /Cannot use undefined as a path/, TypeError);
    assert.equal(existsSync(missing), false);
  });

  it('that are read-only cannot be opened for writing', (t) => {
    withReadOnlyFile(t, (path) => {
      fails(() => MappedView.openFile(path, { access: 'readwrite' }), {
        code: 'ERR_ACCESS_DENIED',
        message: /may not|denied/i,
      });
      const view = MappedView.openFile(path, { access: 'copy-on-write' });
      view.bytes()[0] = 0;
      view.close();
    });
  });

  it('that are shorter than asked for stay so, even where they could be written', () => {
    const path = file('0123456789');
    for (const access of ['read', 'readwrite', 'copy-on-write'] as const) {
      fails(() => MappedView.openFile(path, { access, byteLength: 11 }), {
        code: 'ERR_TOO_SMALL',
        message: /it has 10 bytes, needed 11/,
        context: { name: path, byteLength: 10, needed: 11 },
      });
    }
    assert.equal(statSync(path).size, 10);
  });

  it('that would be made for nothing are not there afterwards', () => {
    const path = join(folder, 'for-nothing');
    for (const options of [{}, { byteOffset: 100 }, { byteLength: 0 }]) {
      fails(() => MappedView.openFile(path, { access: 'readwrite', create: true, ...options }), {
        code: 'ERR_TOO_SMALL',
      });
      assert.equal(existsSync(path), false);
    }
    const kept = file('0123456789');
    fails(() => MappedView.openFile(kept, { access: 'readwrite', create: true, byteOffset: 10 }), {
      code: 'ERR_TOO_SMALL',
    });
    assert.equal(statSync(kept).size, 10);
  });

  it('that are long enough need no right to write for being read, also with create', (t) => {
    withReadOnlyFile(t, (path) => {
      const view = MappedView.openFile(path, { create: true, byteLength: 3 });
      assert.equal(view.toBytes()[0], 'r'.charCodeAt(0));
      view.close();
      fails(() => MappedView.openFile(path, { create: true, byteLength: 100 }), { code: 'ERR_ACCESS_DENIED' });
    });
  });

  it('keep their length under a copy-on-write view', () => {
    const path = file('0123456789');
    const view = MappedView.openFile(path, { access: 'copy-on-write' }) as MappedView as MappedView<'readwrite'>;
    view.bytes()[0] = 1;
    fails(() => view.resize(100), { code: 'ERR_READ_ONLY', message: /^Cannot write to the file of / }, TypeError);
    assert.deepEqual([view.bytes()[0], statSync(path).size], [1, 10]);
    view.close();
  });
});

describe('what only plain JavaScript can pass', () => {
  it('as options is a TypeError', () => {
    const path = file('0123456789');
    for (const options of [null, 'readwrite', 5] as never[]) {
      for (const make of [
        (name: string) => MappedView.create(name, 8, options),
        (name: string) => MappedView.open(name, options),
        (name: string) => MappedView.openOrCreate(name, 8, options),
        () => MappedView.openFile(path, options),
        () => MappedView.createFile(path, 8, options),
      ]) {
        fails(() => make(uniqueName()), /as options: pass an object/, TypeError);
      }
    }
    fails(() => MappedView.createFile(join(folder, 'x'), 8, { persistent: true } as never), /persistent/, TypeError);
    fails(() => Reflect.construct(MappedView, []), /call create, open or openFile/, TypeError);
    withMap(8, (_, view) => {
      fails(() => view.advise({}, 'bogus' as never), /pass one of normal, /, TypeError);
      fails(() => view.resize(9), { code: 'ERR_PLATFORM_UNSUPPORTED', message: /named memory keeps its length/ });
    });
  });
});

describe('errors', () => {
  it('have errno and syscall only where a system call failed', () => {
    withMap(8, (name) => {
      assert.throws(
        () => MappedView.open(name, { byteOffset: 9 }),
        (error: Error) => !('errno' in error) && !('syscall' in error),
      );
    });
    assert.throws(
      () => MappedView.openFile(join(folder, 'absent')),
      (error: { errno?: number; syscall?: string }) =>
        typeof error.errno === 'number' && typeof error.syscall === 'string',
    );
  });
});

describe('printing a view', () => {
  it('neither throws nor touches what is cut off', () => {
    const path = file('0123456789');
    const view = MappedView.openFile(path, { access: 'readwrite' });
    const part = view.subview(5);
    view.resize(3);
    assert.match(inspect(part), /ERR_|RangeError|mapped/);
    view.close();
    if (system !== 'linux') return;
    const name = uniqueName();
    const cut = MappedView.create(name, 8192);
    truncateSync(`/dev/shm/${name}`, 0);
    assert.match(inspect(cut), /ERR_CORRUPT/);
    cut.close();
  });
});

describe('a view for reading', () => {
  it('throws at every member that writes, and hands nothing out that can', () => {
    withMap(24, (name) => {
      const view = MappedView.open(name) as MappedView as MappedView<'readwrite'>;
      const fault = { code: 'ERR_READ_ONLY', message: /read-only, open it with { access: 'readwrite' }/ };
      fails(() => view.bytes(), fault, TypeError);
      fails(() => view.typedArray(Uint8Array), fault, TypeError);
      fails(() => view.fill(0), fault, TypeError);
      fails(() => view.copyFrom(new Uint8Array(1)), fault, TypeError);
      fails(() => view.resize(10), fault, TypeError);
      fails(() => view.subview(8).bytes(), fault, TypeError);
      const dataView = view.dataView() as unknown as Record<string, unknown>;
      assert.deepEqual([dataView.buffer, dataView.setInt8, dataView.setBigUint64], [undefined, undefined, undefined]);
      view.close();
    });
  });
});
