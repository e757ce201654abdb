import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { char } from '../../src/codec/index.ts';
import * as kernel32 from '../../src/ffi/kernel32.ts';
import '../../src/os/system-text.ts';

const name = char(16, 'system');
const memory = () => new DataView(new ArrayBuffer(16));

describe("char(n, 'system')", () => {
  it('reads what it has written', () => {
    const view = memory();
    for (const text of ['SecBug', '', 'déjà']) {
      name.write(view, 0, text);
      assert.equal(name.read(view, 0), text);
    }
  });

  it('is UTF-8 where the system has no code page', { skip: system === 'windows' }, () => {
    const view = memory();
    name.write(view, 0, 'é€');
    assert.deepEqual([...new Uint8Array(view.buffer, 0, 6)], [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0]);
  });

  it('is the ANSI code page on Windows', { skip: system === 'windows' ? false : 'needs Windows' }, () => {
    const view = memory();
    name.write(view, 0, 'é');
    const utf8 = kernel32.GetACP() === 65_001;
    assert.deepEqual([...new Uint8Array(view.buffer, 0, 2)], utf8 ? [0xc3, 0xa9] : [0xe9, 0]);
    if (!utf8) assert.throws(() => name.write(view, 0, '\u{1f600}'), RangeError);
  });
});
