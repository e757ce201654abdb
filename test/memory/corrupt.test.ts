import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/index.ts';
import { Segment } from '../../src/memory/segment.ts';
import { FOOTER_LENGTH } from '../../src/memory/segment-layout.ts';
import { uniqueName } from '../support/names.ts';
import { namesLeft } from '../support/resources.ts';

/** Writes into the footer as a stray native program would: through a mapping of the whole. */
function scribble(segment: Segment, at: number, bytes: number[]): void {
  const { totalLength } = segment.footer!;
  const region = segment.map(totalLength - FOOTER_LENGTH, FOOTER_LENGTH, 'readwrite');
  region.copyIn(at, new Uint8Array(bytes));
}

describe('a footer that another program', () => {
  it('erases is ERR_CORRUPT for a process that has the memory, not foreign', () => {
    const name = uniqueName();
    const segment = Segment.create(name, { byteLength: 24 });
    segment.verify();
    scribble(segment, 0, new Array(FOOTER_LENGTH).fill(0));
    assert.throws(() => segment.verify(), { code: 'ERR_CORRUPT', context: { name, detail: 'its footer is gone' } });
    assert.throws(() => MappedView.open(name), { code: 'ERR_CORRUPT' });
    segment.close();
    assert.equal(MappedView.exists(name), false);
    assert.deepEqual(namesLeft(name), []);
  });

  it('changes is ERR_CORRUPT for everyone', () => {
    const name = uniqueName();
    const segment = Segment.create(name, { byteLength: 24 });
    scribble(segment, 0, [99]);
    assert.throws(() => segment.verify(), { code: 'ERR_CORRUPT', message: /^Cannot use ".*": .*checksum.*, / });
    assert.throws(() => MappedView.open(name), { code: 'ERR_CORRUPT' });
    assert.throws(() => MappedView.create(name, 24), { code: 'ERR_NAME_EXISTS' });
    segment.close();
  });

  it('cuts off is seen before a page behind the end is touched', {
    skip: system !== 'linux' && 'no file to cut',
  }, () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24);
    truncateSync(`/dev/shm/${name}`, 24);
    assert.throws(() => view.verify(), { code: 'ERR_CORRUPT', message: /it has 24 bytes in place of \d+/ });
    assert.throws(() => MappedView.open(name), { code: 'ERR_CORRUPT' });
    view.close();
    assert.deepEqual(namesLeft(name), []);
  });
});

describe('Segment', () => {
  it('keeps sections behind the data, found by every opener', () => {
    const name = uniqueName();
    const layout = Uint8Array.from({ length: 100 }, (_, i) => i);
    const made = Segment.create(name, { byteLength: 24, layout, undoLength: 24, controlLength: 64 });
    const opened = Segment.open(name, { access: 'read', trailer: true });
    assert.deepEqual([...opened.layout()!], [...layout]);
    assert.deepEqual([opened.undo!.dataView.byteLength, opened.control!.dataView.byteLength], [24, 64]);
    made.control!.dataView.setUint32(60, 77, true);
    assert.equal(opened.control!.dataView.getUint32(60, true), 77);
    assert.equal(opened.control!.originKey, made.control!.originKey);
    // The data is for reading, the control words are not.
    assert.deepEqual([opened.trailerWritable, opened.control!.access], [true, 'readwrite']);
    opened.control!.dataView.setUint32(0, 5, true);
    assert.equal(made.control!.dataView.getUint32(0, true), 5);
    assert.ok(
      made
        .map(0, 24, 'read')
        .copyOut(0, 24)
        .every((byte) => byte === 0),
    );
    const { buffer } = opened.control!.dataView;
    opened.close();
    assert.equal(buffer.byteLength, 0);
    made.close();
  });

  it('has no sections that nobody asked for', () => {
    const segment = Segment.create(uniqueName(), { byteLength: 24 });
    assert.deepEqual([segment.control, segment.undo, segment.layout()], [undefined, undefined, undefined]);
    segment.close();
  });

  it('initialise() that throws leaves nothing', () => {
    const name = uniqueName();
    for (const once of [false, true]) {
      const initialise = () => {
        throw new Error('no contents');
      };
      assert.throws(() => Segment.create(name, { byteLength: 24, controlLength: 64, once, initialise }), /no contents/);
      assert.equal(Segment.exists(name), false);
      assert.deepEqual([...namesLeft(name), ...namesLeft('.mapfile-making')], []);
    }
  });

  it('initialise() does not run where the name lives, if it must run once', () => {
    const name = uniqueName();
    const segment = Segment.create(name, { byteLength: 24 });
    let runs = 0;
    const initialise = () => void runs++;
    assert.throws(() => Segment.create(name, { byteLength: 24, once: true, initialise }), { code: 'ERR_NAME_EXISTS' });
    assert.equal(runs, 0);
    segment.close();
  });
});
