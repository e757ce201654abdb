import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import { before, describe, it } from 'node:test';
import { MappedView } from '../../src/index.ts';
import { os } from '../../src/os/current.ts';
import { uniqueName } from '../support/names.ts';
import { assertHoldsNoMore, held, namesLeft } from '../support/resources.ts';

const { capabilities } = os;

/** Runs `work`, which must throw the error, and asserts that nothing stays open. */
function refuses(work: (name: string) => unknown, expected: object): void {
  const name = uniqueName('bad');
  const before = held();
  assert.throws(() => work(name), expected);
  assertHoldsNoMore(before);
  assert.deepEqual(namesLeft(name), []);
}

describe('bad input leaves nothing open', () => {
  // The first call binds native functions, which may open things for good.
  before(() => {
    const name = uniqueName();
    MappedView.create(name, 1, { initial: new Uint8Array(1) }).close();
    assert.throws(() => MappedView.open(name));
    assert.equal(MappedView.exists(name), false);
    held();
  });

  for (const byteLength of [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
    it(`create() refuses the length ${byteLength}`, () => {
      refuses((name) => MappedView.create(name, byteLength), { name: 'RangeError', message: /byteLength/ });
      refuses((name) => MappedView.openOrCreate(name, byteLength), { name: 'RangeError', message: /byteLength/ });
    });
  }

  for (const byteLength of ['24', undefined, null, 24n, {}]) {
    it(`create() refuses a ${byteLength === null ? 'null' : typeof byteLength} as length`, () => {
      refuses((name) => MappedView.create(name, byteLength as number), { name: 'TypeError', message: /byteLength/ });
    });
  }

  it('create() refuses more than one view can hold', () => {
    const tooLong = Math.min(constants.MAX_LENGTH + 1, Number.MAX_SAFE_INTEGER - 2 ** 20);
    refuses(
      (name) => MappedView.create(name, tooLong),
      (error: Error & { code?: string }) => {
        // Where a view may be longer than any memory, the system says no.
        return error instanceof RangeError || error.code === 'ERR_OUT_OF_MEMORY';
      },
    );
  });

  it('create() refuses a name in use', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 8);
    try {
      const before = held();
      assert.throws(() => MappedView.create(name, 8), { code: 'ERR_NAME_EXISTS', context: { name } });
      assert.throws(() => MappedView.create(`Local\\${name}`, 8), { code: 'ERR_NAME_EXISTS' });
      assertHoldsNoMore(before);
    } finally {
      view.close();
    }
  });

  it('open() refuses a name that is missing, and says so', () => {
    refuses((name) => MappedView.open(name), {
      code: 'ERR_NAME_NOT_FOUND',
      name: 'MapFileError',
      message: /^Cannot open .*: /,
    });
    const glued = () => MappedView.open(`Global${uniqueName()}`);
    assert.throws(glued, { code: 'ERR_NAME_NOT_FOUND', message: /did you mean 'Global\\mf-/ });
    assert.throws(glued, (error: { errno?: unknown; syscall?: unknown }) => {
      return typeof error.errno === 'number' && typeof error.syscall === 'string';
    });
  });

  it('open() refuses what ends behind the memory', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24);
    try {
      const before = held();
      for (const part of [
        { byteOffset: 24 },
        { byteOffset: 4096 },
        { byteLength: 25 },
        { byteOffset: 20, byteLength: 5 },
      ]) {
        assert.throws(() => MappedView.open(name, part), { code: 'ERR_TOO_SMALL' });
      }
      assert.throws(() => MappedView.open(name, { byteOffset: 20, byteLength: 5 }), {
        context: { name, byteLength: 24, needed: 25 },
      });
      assert.throws(() => MappedView.openOrCreate(name, 25), { code: 'ERR_TOO_SMALL' });
      for (const bad of [-1, Number.NaN, 0.5]) {
        assert.throws(() => MappedView.open(name, { byteOffset: bad }), RangeError);
        assert.throws(() => MappedView.open(name, { byteLength: bad }), RangeError);
      }
      assert.throws(() => MappedView.open(name, { byteOffset: '1' as never }), TypeError);
      assertHoldsNoMore(before);
    } finally {
      view.close();
    }
  });

  it('refuses bad options before any call', () => {
    refuses((name) => MappedView.create(name, 8, { access: 'write' as never }), TypeError);
    refuses((name) => MappedView.open(name, { access: 'rw' as never }), TypeError);
    refuses((name) => MappedView.create(name, 8, { share: 'all' as never }), TypeError);
    refuses((name) => MappedView.create(name, 8, { initial: new Uint8Array(9) }), RangeError);
    refuses((name) => MappedView.create(name, 8, { initial: 'text' as never }), TypeError);
    refuses(() => MappedView.create('', 8), RangeError);
    refuses(() => MappedView.open('a/b'), RangeError);
    refuses(() => MappedView.openFile(''), RangeError);
    refuses(() => MappedView.openFile('a\0b'), RangeError);
    refuses(() => MappedView.openFile(7 as never), TypeError);
    refuses((name) => MappedView.open(name).typedArray, { code: 'ERR_NAME_NOT_FOUND' });
  });

  it('names what this system cannot do', () => {
    const unsupported = { code: 'ERR_PLATFORM_UNSUPPORTED' };
    if (capabilities.mode) refuses((name) => MappedView.create(name, 8, { mode: 0o7777 }), RangeError);
    else refuses((name) => MappedView.create(name, 8, { mode: 0o600 }), unsupported);
    if (!capabilities.sddl) refuses((name) => MappedView.create(name, 8, { sddl: 'D:P' }), unsupported);
    if (!capabilities.persistent) refuses((name) => MappedView.create(name, 8, { persistent: true }), unsupported);
    if (!capabilities.unlink) refuses((name) => MappedView.unlink(name), unsupported);
  });

  it('a view that cannot be had leaves nothing, wherever making it fails', () => {
    const initial = { byteLength: 8 };
    refuses((name) => MappedView.create(name, 8, { initial: initial as never }), TypeError);
  });
});
