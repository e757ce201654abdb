import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFooter, encodeFooter, footerJudge, homeOf, planFooter } from '../../src/memory/footer.ts';
import { CHECKSUM, DATA_LENGTH, HOME, INSTANCE, MAGIC, UNDO_OFFSET, VERSION } from '../../src/memory/segment-layout.ts';

const plan = {
  byteLength: 24,
  layoutLength: 100,
  undoLength: 24,
  controlLength: 64,
  kind: 'section',
  persistent: false,
  instance: 0x11223344,
} as const;

describe('planFooter()', () => {
  it('puts layout, undo copy and control words in front of the footer, each at a multiple of 64', () => {
    const footer = planFooter(plan, 4096);
    assert.equal(footer.totalLength, 4096);
    assert.deepEqual(footer.layout, { byteOffset: 4096 - 64 - 64 - 64 - 128, byteLength: 100 });
    assert.deepEqual(footer.undo, { byteOffset: 4096 - 64 - 64 - 64, byteLength: 24 });
    assert.deepEqual(footer.control, { byteOffset: 4096 - 64 - 64, byteLength: 64 });
  });

  it('takes another page when the sections do not fit behind the data', () => {
    assert.equal(planFooter({ ...plan, byteLength: 4096 - 320 }, 4096).totalLength, 4096);
    assert.equal(planFooter({ ...plan, byteLength: 4096 - 320 + 1 }, 4096).totalLength, 8192);
  });

  it('has room for the footer alone', () => {
    const bare = { ...plan, layoutLength: 0, undoLength: 0, controlLength: 0 };
    assert.equal(planFooter({ ...bare, byteLength: 4096 - 64 }, 4096).totalLength, 4096);
    assert.equal(planFooter({ ...bare, byteLength: 4096 - 63 }, 4096).totalLength, 8192);
  });
});

describe('encodeFooter()', () => {
  const bytes = encodeFooter(planFooter(plan, 4096));

  it('writes the published bytes', () => {
    assert.equal(
      Buffer.from(bytes).toString('hex').replace(/.{32}/g, '$& ').trim(),
      [
        `1800000000000000${'400f000000000000'}`,
        `1800000000000000${'c00e000000000000'}`,
        `6400000040000000${'0000000044332211'}`,
        `${Buffer.from(bytes.subarray(CHECKSUM, CHECKSUM + 4)).toString('hex')}01000000${'6d617066696c6500'}`,
      ].join(' '),
    );
    assert.equal(Buffer.from(bytes.subarray(MAGIC)).toString('latin1'), 'mapfile\0');
  });

  it('has a checksum that stays as it is in format version 1', () => {
    assert.equal(new DataView(bytes.buffer).getUint32(CHECKSUM, true).toString(16), GOLDEN_CHECKSUM);
  });

  it('comes back from decodeFooter()', () => {
    assert.deepEqual(decodeFooter(bytes, 4096, 'x'), planFooter(plan, 4096));
    const large = planFooter({ ...plan, byteLength: 5 * 2 ** 32 + 3, persistent: true, kind: 'mutex' }, 65536);
    assert.deepEqual(decodeFooter(encodeFooter(large), large.totalLength, 'x'), large);
  });
});

/** By another implementation of FNV-1a. */
const GOLDEN_CHECKSUM = 'da05fd7f';

describe('decodeFooter()', () => {
  const good = encodeFooter(planFooter(plan, 4096));
  const changed = (at: number, value: number) => {
    const bytes = good.slice();
    bytes[at]! ^= value;
    return bytes;
  };

  it('finds no footer of ours in other bytes', () => {
    assert.equal(decodeFooter(new Uint8Array(64), 4096, 'x'), undefined);
    assert.equal(decodeFooter(new Uint8Array(24), 24, 'x'), undefined);
    assert.equal(decodeFooter(changed(MAGIC, 1), 4096, 'x'), undefined);
  });

  it('refuses a footer of ours with a changed byte, wherever it is', () => {
    for (let at = 0; at < MAGIC; at++) {
      assert.throws(() => decodeFooter(changed(at, 0x10), 4096, 'x'), { code: 'ERR_CORRUPT' }, `byte ${at}`);
    }
  });

  it('names a format version that it does not know', () => {
    assert.throws(() => decodeFooter(changed(VERSION, 2), 4096, 'x'), /format version 3, this release knows 1/);
  });

  it('refuses sections outside of the memory', () => {
    assert.throws(() => decodeFooter(good, 8192 + 4096 * 2 ** 20, 'x') && decodeFooter(good, 2048, 'x'), {
      code: 'ERR_CORRUPT',
    });
  });
});

describe('footerJudge', () => {
  const tail = encodeFooter(planFooter(plan, 4096));
  const forever = encodeFooter(planFooter({ ...plan, persistent: true }, 4096));
  const broken = (at: number) => {
    const bytes = tail.slice();
    bytes[at]! ^= 0xff;
    return bytes;
  };

  it('tells foreign, transient and persistent memory apart', () => {
    assert.equal(footerJudge.judge(tail), 'transient');
    assert.equal(footerJudge.judge(forever), 'persistent');
    assert.equal(footerJudge.judge(new Uint8Array(64)), 'foreign');
    assert.equal(footerJudge.judge(new Uint8Array(24)), 'foreign');
  });

  it('lets nobody remove a copy of a segment', () => {
    const home = encodeFooter({ ...planFooter(plan, 4096), home: homeOf(0x1234_5678) });
    assert.deepEqual([home[HOME], home[HOME + 1]], [0x78, 0x56]);
    assert.equal(footerJudge.judge(home, 0x1234_5678), 'transient');
    assert.equal(footerJudge.judge(home, 0x1234_5679), 'persistent');
  });

  it('lets nobody remove memory whose footer is broken or of another format', () => {
    for (const at of [DATA_LENGTH, UNDO_OFFSET, INSTANCE, CHECKSUM, VERSION]) {
      assert.equal(footerJudge.judge(broken(at)), 'persistent');
    }
  });
});
