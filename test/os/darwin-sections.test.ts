/** The protocol of macOS, played on Linux: what differs there is shm_open itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { held, namesLeft } from '../support/resources.ts';
import { calls, creation, firstByte, judge, named, sectionsIn } from './darwin-support.ts';

let folder: string;
let sections: ReturnType<typeof sectionsIn>;
const reading = { access: 'read', judge } as const;

function assertNothingLeft(name: string): void {
  assert.equal(sections.sectionExists(named(name), judge), false);
  assert.deepEqual(namesLeft(name), []);
  assert.deepEqual(readdirSync(folder), []);
}

const holder = (name: string, manner: string) =>
  start('./children/darwin-holder.ts', { from: import.meta.url, args: [folder, name, manner] });

describe('sections with their life kept beside them', { skip: system !== 'linux' && 'played on Linux only' }, () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mapfile-darwin-'));
    sections = sectionsIn(folder);
  });
  after(async () => {
    await killAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('live until the last one closes', () => {
    const name = uniqueName();
    const first = sections.createSection(named(name), creation(7));
    const second = sections.openSection(named(name), reading);
    assert.deepEqual([firstByte(second), second.writable, first.writable], [7, false, true]);
    assert.equal(first.originKey, second.originKey);
    assert.throws(() => sections.createSection(named(name), creation(8)), { code: 'ERR_NAME_EXISTS' });
    first.close();
    assert.equal(sections.sectionExists(named(name), judge), true);
    second.close();
    second.close();
    assertNothingLeft(name);
    assert.throws(() => sections.openSection(named(name), reading), { code: 'ERR_NAME_NOT_FOUND' });
  });

  it('leave nothing when their contents fail', () => {
    const name = uniqueName();
    sections.sectionExists(named(name), judge);
    const before = held();
    const fill = () => {
      throw new Error('no contents');
    };
    assert.throws(() => sections.createSection(named(name), creation(0, { fill })), /no contents/);
    assert.deepEqual(held(), before);
    assertNothingLeft(name);
  });

  it('are opened raw, and left alone, where another program made them', () => {
    const name = uniqueName();
    const fd = calls.open(`/${name}`, 0o102, 0o600);
    assert.equal(sections.sectionExists(named(name), judge), true);
    assert.throws(() => sections.createSection(named(name), creation(1)), { code: 'ERR_NAME_EXISTS' });
    sections.openSection(named(name), reading).close();
    const refuse = () => {
      throw new Error('not mine');
    };
    assert.throws(() => sections.unlinkSection(named(name), judge, refuse), /not mine/);
    assert.deepEqual(namesLeft(name), [name]);
    assert.equal(
      sections.unlinkSection(named(name), judge, () => {}),
      true,
    );
    assert.equal(sections.unlinkSection(named(name), judge, refuse), false);
    calls.close(fd);
    assertNothingLeft(name);
  });

  it('outlive their holders when they are persistent', () => {
    const name = uniqueName();
    sections.createSection(named(name), creation(5, { persistent: true })).close();
    const again = sections.openSection(named(name), reading);
    assert.equal(firstByte(again), 5);
    again.close();
    assert.equal(
      sections.unlinkSection(named(name), judge, () => {}),
      true,
    );
    assertNothingLeft(name);
  });

  it('are gone when every holder was killed', async () => {
    const name = uniqueName();
    const first = holder(name, 'create');
    await first.next('holding');
    const second = holder(name, 'open');
    await second.next('holding');
    await first.kill();
    assert.equal(sections.sectionExists(named(name), judge), true);
    await second.kill();
    const mine = sections.createSection(named(name), creation(9));
    assert.equal(firstByte(mine), 9);
    mine.close();
    assertNothingLeft(name);
  });

  it('are gone when the holder exits without closing', async () => {
    const name = uniqueName();
    const child = holder(name, 'exit');
    await child.next('holding');
    assert.equal((await child.ended).code, 0);
    assert.deepEqual(namesLeft(name), []);
    assertNothingLeft(name);
  });

  it('never appear when their maker is killed while it fills them', async () => {
    const name = uniqueName();
    assert.equal((await holder(name, 'making').ended).signal, 'SIGKILL');
    assert.deepEqual(namesLeft(name), [name]);
    assert.throws(() => sections.openSection(named(name), reading), { code: 'ERR_NAME_NOT_FOUND' });
    // The presence of the dead maker goes with the next life of the name.
    sections.createSection(named(name), creation(1)).close();
    assertNothingLeft(name);
  });
});
