import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, char, type InferInput, struct, u32 } from '../../src/codec/index.ts';

describe('a getter that writes with the codec that reads it', () => {
  const Strings = struct('r', { a: u32, b: char(8) });
  const Lists = struct('r', { a: u32, list: array(struct('item', { n: u32 }), 3), b: char(8) });
  for (const [name, Record, more] of [
    ['a string', Strings, {}],
    ['a list of structs', Lists, { list: [1, 2, 3].map((n) => ({ n })) }],
  ] as [string, typeof Lists, { list: { n: number }[] }][]) {
    it(`is read once at every depth, cold and warm: ${name}`, () => {
      const memory = new DataView(new ArrayBuffer(Record.byteLength));
      for (const warm of [0, 1000]) {
        for (let i = 0; i < warm; i += 1) Record.write(memory, 0, { a: 1, b: 'warm', ...more });
        let reads = 0;
        const nested = (depth: number): InferInput<typeof Lists> => ({
          a: depth,
          ...more,
          get b() {
            reads += 1;
            const inner = new DataView(new ArrayBuffer(Record.byteLength));
            if (depth > 1) Record.write(inner, 0, nested(depth - 1));
            return depth > 1 ? Record.read(inner).b : 'deepest';
          },
        });
        Record.write(memory, 0, nested(12));
        assert.equal(reads, 12);
        assert.equal(Record.read(memory).b, 'deepest');
        assert.equal(Record.read(memory).a, 12);
      }
    });
  }
});
