import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, objectName } from '../../src/memory/names.ts';
import { os } from '../../src/os/current.ts';

const named = (spelled: string) => {
  const { scope, base } = objectName(spelled);
  return `${scope} ${base}`;
};

describe('objectName()', () => {
  it('takes Local and Global prefixes with either slash', () => {
    assert.equal(named('X'), 'local X');
    assert.equal(named('Local\\X'), 'local X');
    assert.equal(named('Local/X'), 'local X');
    assert.equal(named('Global\\X'), 'global X');
    assert.equal(named('Global/X'), 'global X');
    assert.equal(named('global\\X'), 'global X');
  });

  it('keeps the spelling for messages', () => {
    assert.equal(objectName('Local\\X').spelled, 'Local\\X');
  });

  it('leaves names alone that only look like a prefix', () => {
    assert.equal(named('GlobalX'), 'local GlobalX');
    assert.equal(named('Locals'), 'local Locals');
  });

  for (const [what, bad] of [
    ['an empty name', ''],
    ['a prefix without a name', 'Local\\'],
    ['a separator', 'a/b'],
    ['a separator', 'a\\b'],
    ['a leading separator', '/X'],
    ['a separator behind the prefix', 'Global\\a\\b'],
    ['NUL', 'a\0b'],
    ['the folder itself', '.'],
    ['the folder above', '..'],
    ['a name too long', 'x'.repeat(os.capabilities.maxNameLength + 1)],
  ] as const) {
    it(`refuses ${what}: ${JSON.stringify(bad).slice(0, 20)}`, () => {
      assert.throws(() => objectName(bad), { name: 'RangeError', message: /^Cannot use ".*" as a name: / });
    });
  }

  it('takes a name as long as the system allows', () => {
    assert.equal(objectName('x'.repeat(os.capabilities.maxNameLength)).base.length, os.capabilities.maxNameLength);
  });

  it('counts bytes where the system does', () => {
    const bytes = { ...os.capabilities, nameUnit: 'bytes' as const, maxNameLength: 30 };
    assert.equal(objectName('ä'.repeat(15), bytes).base.length, 15);
    assert.throws(() => objectName('ä'.repeat(16), bytes), /has 32 bytes, at most 30 fit here/);
    const characters = { ...bytes, nameUnit: 'characters' as const };
    assert.equal(objectName('ä'.repeat(30), characters).base.length, 30);
  });

  it('refuses what is no string', () => {
    for (const bad of [undefined, null, 1, {}, ['X']]) {
      assert.throws(() => objectName(bad as string), TypeError);
    }
    assert.throws(() => objectName('a\ud800'), TypeError);
  });
});

describe('didYouMean()', () => {
  it('guesses a lost separator', () => {
    assert.equal(didYouMean(objectName('GlobalX')), "did you mean 'Global\\X'?");
    assert.equal(didYouMean(objectName('localX')), "did you mean 'Local\\X'?");
  });

  it('has nothing to say of other names', () => {
    assert.equal(didYouMean(objectName('X')), undefined);
    assert.equal(didYouMean(objectName('Global\\GlobalX')), undefined);
  });
});
