import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { memoryRange } from '../../src/base/memory.ts';
import { type Access, char, i32, MappedView, struct, u32 } from '../../src/index.ts';
import { os } from '../../src/os/current.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';

after(killAll);

const Student = struct('student', { ID: i32, name: char(20) });

/** Runs `work` with a fresh view, and closes it. */
function withView<T>(byteLength: number, work: (view: MappedView<'readwrite'>, name: string) => T): T {
  const name = uniqueName();
  const view = MappedView.create(name, byteLength);
  try {
    return work(view, name);
  } finally {
    view.close();
    assert.equal(MappedView.exists(name), false);
  }
}

/** Opens the name a second time for the length of `work`. */
function withOpened<A extends Access, T>(name: string, access: A, work: (view: MappedView<A>) => T): T {
  const view = MappedView.open(name, { access });
  try {
    return work(view);
  } finally {
    view.close();
  }
}

describe('MappedView.create()', () => {
  it('makes zeros of exactly the length asked for', () => {
    for (const byteLength of [1, 24, 4095, 4096, 4097, 100_000]) {
      withView(byteLength, (view, name) => {
        assert.deepEqual(
          [view.byteLength, view.created, view.foreign, view.access],
          [byteLength, true, false, 'readwrite'],
        );
        assert.equal(view.name, name);
        assert.ok(view.toBytes().every((byte) => byte === 0));
        assert.equal(view.bytes().byteLength, byteLength);
      });
    }
  });

  it('puts the initial bytes in and leaves zeros behind them', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 8, { initial: new Uint16Array([0x0201, 0x0403]) });
    assert.deepEqual([...view.toBytes()], [1, 2, 3, 4, 0, 0, 0, 0]);
    view.close();
  });

  it('can keep a read view of the initial bytes only', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 4, { access: 'read', initial: new Uint8Array([1, 2, 3, 4]) });
    assert.equal(view.access, 'read');
    assert.equal(view.dataView().getUint32(0, true), 0x04030201);
    assert.throws(() => (view as MappedView as MappedView<'readwrite'>).fill(0), { code: 'ERR_READ_ONLY' });
    view.close();
  });

  it('shows in another view what one writes', () => {
    withView(24, (view, name) =>
      withOpened(name, 'read', (reader) => {
        view.dataView().setInt32(0, 99041232, true);
        assert.equal(reader.dataView().getInt32(0, true), 99041232);
        assert.deepEqual([reader.created, reader.byteLength, reader.foreign], [false, 24, false]);
      }),
    );
  });

  it('treats Local\\X and X as one name', () => {
    withView(8, (view, name) =>
      withOpened(`Local\\${name}`, 'read', (same) => {
        view.bytes()[3] = 77;
        assert.equal(same.toBytes()[3], 77);
      }),
    );
  });
});

describe('MappedView.open()', () => {
  it('reads unless more is asked for', () => {
    withView(8, (_, name) => {
      const view = MappedView.open(name);
      assert.equal(view.access, 'read');
      view.close();
    });
  });

  it('maps a part at any byteOffset', () => {
    withView(200_000, (view, name) => {
      view.copyFrom(Uint8Array.from({ length: 200_000 }, (_, i) => i % 251));
      for (const byteOffset of [0, 1, 3, 8, 4095, 4096, 65_536, 65_537, 131_073, 199_999]) {
        const part = MappedView.open(name, { access: 'readwrite', byteOffset });
        assert.equal(part.byteLength, 200_000 - byteOffset);
        assert.equal(part.toBytes({ byteLength: 1 })[0], byteOffset % 251);
        assert.equal(part.bytes()[part.byteLength - 1], 199_999 % 251);
        const few = MappedView.open(name, { byteOffset, byteLength: 1 });
        assert.equal(few.byteLength, 1);
        assert.equal(few.dataView().getUint8(0), byteOffset % 251);
        few.close();
        part.close();
      }
    });
  });

  it('takes byteLength 0 as the whole', () => {
    withView(24, (_, name) => {
      const view = MappedView.open(name, { byteLength: 0 });
      assert.equal(view.byteLength, 24);
      view.close();
    });
  });
});

describe('MappedView.openOrCreate()', () => {
  it('creates once, then opens', () => {
    const name = uniqueName();
    const first = MappedView.openOrCreate(name, 16, { initial: new Uint8Array([9]) });
    const second = MappedView.openOrCreate(name, 16, { initial: new Uint8Array([8]) });
    assert.deepEqual([first.created, second.created], [true, false]);
    assert.equal(second.bytes()[0], 9);
    second.close();
    first.close();
  });

  it('has the length asked for where the existing memory is longer', () => {
    withView(64, (_, name) => {
      const view = MappedView.openOrCreate(name, 16);
      assert.equal(view.byteLength, 16);
      view.close();
    });
  });
});

describe('a copy-on-write view', () => {
  it('keeps its writes to itself', () => {
    withView(8, (view, name) =>
      withOpened(name, 'copy-on-write', (own) => {
        own.bytes()[0] = 5;
        assert.deepEqual([own.toBytes()[0], view.toBytes()[0]], [5, 0]);
      }),
    );
  });
});

describe('a name', () => {
  it('lives as long as one view has it open', () => {
    const name = uniqueName();
    const first = MappedView.create(name, 8);
    const second = MappedView.open(name);
    first.close();
    assert.equal(MappedView.exists(name), true);
    withOpened(name, 'read', (third) => assert.equal(third.byteLength, 8));
    second.close();
    assert.equal(MappedView.exists(name), false);
    assert.throws(() => MappedView.open(name), { code: 'ERR_NAME_NOT_FOUND' });
  });

  it('starts with zeros again when it is made again', () => {
    const name = uniqueName();
    const first = MappedView.create(name, 8, { initial: new Uint8Array(8).fill(255) });
    first.close();
    const second = MappedView.create(name, 8);
    assert.ok(second.toBytes().every((byte) => byte === 0));
    second.close();
  });
});

describe('MappedView over codecs', () => {
  it('reads, writes and looks live at any offset', () => {
    withView(100, (view, name) =>
      withOpened(name, 'read', (reader) => {
        view.write(Student, 7, { ID: 99041232, name: 'SecBug' });
        assert.deepEqual(reader.read(Student, 7), { ID: 99041232, name: 'SecBug' });
        const live = view.live(Student, 7);
        live.ID += 1;
        assert.equal(reader.live(Student, 7).ID, 99041233);
        assert.throws(
          () => {
            (reader.live(Student, 7) as { ID: number }).ID = 1;
          },
          { code: 'ERR_READ_ONLY' },
        );
        assert.throws(() => (reader as MappedView as MappedView<'readwrite'>).write(u32, 0, 1), {
          code: 'ERR_READ_ONLY',
        });
        assert.throws(() => reader.read(Student, 77), RangeError);
        assert.equal(reader.read(Student, 76).ID, 0);
      }),
    );
  });
});

describe('typedArray()', () => {
  it('is the memory itself', () => {
    withView(64, (view) => {
      const words = view.typedArray(Int32Array, 8, 2);
      words[1] = -2;
      assert.deepEqual([words.length, view.dataView().getInt32(12, true)], [2, -2]);
      assert.equal(view.typedArray(Int32Array).length, 16);
      assert.equal(view.typedArray(BigUint64Array, 56).length, 1);
      assert.equal(view.typedArray(Float64Array, 64).length, 0);
    });
  });

  it('refuses what is not aligned, also where the view itself is not', () => {
    withView(64, (_, name) => {
      const part = MappedView.open(name, { access: 'readwrite', byteOffset: 2 });
      assert.throws(() => part.typedArray(Int32Array), RangeError);
      assert.equal(part.typedArray(Int32Array, 2).length, 15);
      assert.equal(part.typedArray(Int16Array).length, 31);
      assert.throws(() => part.typedArray(Float64Array, 7), RangeError);
      part.close();
    });
  });

  it('refuses what is not there', () => {
    withView(64, (view) => {
      assert.throws(() => view.typedArray(Int32Array, 60, 2), RangeError);
      assert.throws(() => view.typedArray(Int32Array, 68), RangeError);
      assert.throws(() => view.typedArray(Int32Array, -4), RangeError);
      assert.throws(() => view.typedArray(Int32Array, 0, 1.5), RangeError);
    });
  });
});

describe('subview()', () => {
  it('is a part of the same bytes', () => {
    withView(64, (view) => {
      const part = view.subview(10, 20);
      part.bytes().fill(3);
      assert.deepEqual([part.byteLength, part.name, part.subview(5).byteLength], [20, view.name, 15]);
      assert.deepEqual([...view.toBytes({ byteOffset: 9, byteLength: 3 })], [0, 3, 3]);
      assert.equal(view.toBytes()[30], 0);
      part.subview(1, 1).fill(9);
      assert.equal(view.toBytes()[11], 9);
    });
  });

  it('closes with its view, and alone without it', () => {
    const view = MappedView.create(uniqueName(), 64);
    const [first, second] = [view.subview(0, 8), view.subview(8)];
    first.close();
    assert.deepEqual([first.closed, view.closed, second.closed], [true, false, false]);
    assert.throws(() => first.bytes(), { code: 'ERR_CLOSED' });
    view.close();
    assert.equal(second.closed, true);
    assert.throws(() => second.toBytes(), { code: 'ERR_CLOSED' });
  });

  it('names the same byte as another view of it, for those who wait on it', () => {
    withView(10_000, (view, name) => {
      const part = MappedView.open(name, { byteOffset: 5000 });
      const key = memoryRange(view.subview(5004)).originKey;
      assert.equal(memoryRange(part.subview(4)).originKey, key);
      assert.notEqual(memoryRange(part).originKey, key);
      assert.notEqual(key, 0);
      part.close();
    });
  });
});

describe('fill(), copyTo(), copyFrom()', () => {
  it('set and copy ranges', () => {
    withView(16, (view) => {
      view.fill(7, { byteOffset: 4, byteLength: 2 });
      assert.deepEqual([...view.toBytes({ byteOffset: 3, byteLength: 4 })], [0, 7, 7, 0]);
      assert.equal(view.copyFrom(new Uint8Array([1, 2, 3, 4]), { byteOffset: 8, otherOffset: 1 }), 3);
      assert.deepEqual([...view.toBytes({ byteOffset: 8, byteLength: 4 })], [2, 3, 4, 0]);
      const target = new Uint8Array(6);
      assert.equal(view.copyTo(target, { byteOffset: 8, byteLength: 2, otherOffset: 3 }), 2);
      assert.deepEqual([...target], [0, 0, 0, 2, 3, 0]);
      assert.equal(view.copyTo(new Uint8Array(100)), 16);
      view.fill(1);
      assert.ok(view.toBytes().every((byte) => byte === 1));
    });
  });

  it('copy between views, overlapping too', () => {
    withView(16, (view, name) => {
      view.copyFrom(Uint8Array.from({ length: 16 }, (_, i) => i));
      view.copyTo(view, { byteOffset: 0, byteLength: 8, otherOffset: 2 });
      assert.deepEqual([...view.toBytes({ byteLength: 11 })], [0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 10]);
      withOpened(name, 'read', (reader) => {
        assert.throws(() => view.copyTo(reader), { code: 'ERR_READ_ONLY' });
        assert.equal(view.copyFrom(reader, { byteOffset: 12, byteLength: 4 }), 4);
      });
      assert.deepEqual([...view.toBytes({ byteOffset: 12 })], [0, 1, 0, 1]);
    });
  });

  it('refuse ranges that are not there, and bytes that are none', () => {
    withView(16, (view) => {
      assert.throws(() => view.fill(256), RangeError);
      assert.throws(() => view.fill(1.5), RangeError);
      assert.throws(() => view.fill(0, { byteOffset: 10, byteLength: 7 }), RangeError);
      assert.throws(() => view.copyFrom(new Uint8Array(17), { byteLength: 17 }), RangeError);
      assert.throws(() => view.copyTo(new Uint8Array(4), { byteLength: 5 }), RangeError);
      assert.throws(() => view.toBytes({ byteOffset: -1 }), RangeError);
      assert.throws(() => view.subview(17), RangeError);
      assert.throws(() => view.copyFrom('text' as never), TypeError);
    });
  });
});

describe('paging', () => {
  it('takes ranges of any alignment', async () => {
    await withView(100_000, (view) => {
      const range = { byteOffset: 5001, byteLength: 10_003 };
      view.prefetch(range);
      view.prefetch();
      view.advise(range, 'will-need');
      view.lockPages({ byteOffset: 1, byteLength: 10 });
      view.unlockPages({ byteOffset: 1, byteLength: 10 });
      view.flushSync(range);
      view.flushSync({ byteLength: 0 });
      assert.throws(() => view.flushSync({ byteOffset: 100_001 }), RangeError);
      const { advice } = os.capabilities;
      if (!advice.includes('random')) {
        assert.throws(() => view.advise({}, 'random'), { code: 'ERR_PLATFORM_UNSUPPORTED' });
      }
    });
  });

  it('flush() may be under way when the view is closed', async () => {
    const view = MappedView.create(uniqueName(), 1 << 20);
    view.fill(1);
    const flushed = Promise.all([view.flush(), view.flush({ byteOffset: 5, byteLength: 9 })]);
    view.close();
    await flushed;
    await assert.rejects(view.flush(), { code: 'ERR_CLOSED' });
  });
});

describe('resize()', () => {
  it('is not for named memory', () => {
    withView(8, (view) => {
      assert.throws(() => view.resize(16), { code: 'ERR_PLATFORM_UNSUPPORTED' });
      assert.throws(() => view.resize(0), RangeError);
    });
  });
});

describe('util.inspect()', () => {
  it('shows name, facts and the first bytes', () => {
    withView(40, (view, name) => {
      view.bytes()[1] = 0xab;
      const bytes = `00 ab${' 00'.repeat(30)}`;
      assert.equal(inspect(view), `MappedView "${name}" <40 bytes, readwrite, created: ${bytes} …>`);
      view.close();
      assert.equal(inspect(view), `MappedView "${name}" <40 bytes, readwrite, created, closed>`);
    });
  });
});

describe('two processes', () => {
  it('read what the other writes', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24, { initial: Buffer.from('from parent') });
    try {
      const child = start('./children/echo.ts', { from: import.meta.url, args: [name] });
      const { text } = await child.next<{ text: string }>('read');
      assert.equal(text, 'from parent');
      assert.equal(view.toBytes()[0], 'F'.charCodeAt(0));
      child.send({ type: 'close' });
      assert.equal((await child.ended).code, 0);
    } finally {
      view.close();
    }
  });

  it('name the same byte by the same key', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24);
    try {
      const child = start('./children/origin-key.ts', { from: import.meta.url, args: [name] });
      const { key } = await child.next<{ key: number }>('key');
      assert.equal(key, memoryRange(view.subview(4)).originKey);
      assert.equal((await child.ended).code, 0);
    } finally {
      view.close();
    }
  });
});
