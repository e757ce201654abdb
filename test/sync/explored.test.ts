import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as sync from '../../src/sync/index.ts';
import { explore } from '../support/explorer.ts';
import { scenarios } from './scenarios.ts';

describe('every order of atomic operations', () => {
  for (const [name, exploration] of Object.entries(scenarios(sync))) {
    it(name, (t) => {
      const { states, ends, deepest } = explore(exploration);
      t.diagnostic(`${states} states, ${ends} ends, longest path ${deepest}`);
      assert.ok(states > 10 && ends > 0);
    });
  }
});
