import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bitsSet, type Compiler, compilers, globalsOf } from './support/compilers.ts';
import { ENUMERATIONS, type RandomStruct, randomFrom, randomStruct, sourceOf } from './support/random-structs.ts';
import { leafOf, type RandomValue, randomValue } from './support/random-values.ts';
import { codecsOf } from './support/truth.ts';

const COUNT = Number(process.env.MAPFILE_FUZZ_STRUCTS ?? 120);
const SEED = Number(process.env.MAPFILE_FUZZ_SEED ?? 20260);

function differences(struct: RandomStruct, globals: Map<string, Uint8Array>, compiler: Compiler): string[] {
  const codec = [...codecsOf(struct.types, compiler.abi).values()].at(-1)!;
  const constants = new BigUint64Array(globals.get(`K_${struct.id}`)!.slice().buffer);
  const found: string[] = [];
  const compare = (what: string, actual: number, expected: number) => {
    if (actual !== expected) found.push(`${struct.id} ${what} is ${actual}, ${compiler.name} says ${expected}`);
  };
  compare('size', codec.byteLength, Number(constants[0]));
  compare('align', codec.byteAlignment, Number(constants[1]));
  struct.plain.forEach((path, i) => {
    compare(path, codec.offsetOf(path), Number(constants[2 + i]));
  });
  struct.bits.forEach((path, i) => {
    const { bitOffset } = bitsSet(globals.get(`B_${struct.id}_${i}`)!);
    compare(path, codec.bitOffsetOf(path), bitOffset);
  });
  return found.length > 0 && process.env.MAPFILE_FUZZ_SHOW ? [...found, sourceOf(struct)] : found;
}

/** Writes the value as the compiler's program has it, and reads that program's bytes. */
function differentBytes(struct: RandomStruct, value: RandomValue, theirs: Uint8Array, compiler: Compiler): string[] {
  const codec = [...codecsOf(struct.types, compiler.abi).values()].at(-1)!;
  const found: string[] = [];
  const ours = new Uint8Array(codec.byteLength);
  codec.write(ours, 0, value.value as never);
  if (Buffer.compare(ours, theirs) !== 0) {
    const [a, b] = [Buffer.from(ours).toString('hex'), Buffer.from(theirs).toString('hex')];
    found.push(`${struct.id} is ${a}, ${compiler.name} has ${b} for ${value.initialisers}`);
  }
  // A union's other members may hold what is no value of theirs, a long above 2^53: those are asked one by one.
  const wholes = JSON.stringify(struct.types).includes('"union"')
    ? [codec.live(theirs)]
    : [codec.live(theirs), codec.read(theirs)];
  for (const { path, value: expected } of value.leaves) {
    for (const whole of wholes) {
      const actual = leafOf(whole, path);
      if (actual !== expected) found.push(`${struct.id}${path} reads ${String(actual)}, written ${String(expected)}`);
    }
  }
  return found.length > 0 && process.env.MAPFILE_FUZZ_SHOW ? [...found, sourceOf(struct)] : found;
}

describe('random structs have the layout that compilers give them', () => {
  const found = compilers();
  if (found.length === 0) it('needs gcc or clang', { skip: 'no compiler here' }, () => undefined);
  for (const compiler of found) {
    it(`${compiler.name} (${compiler.abi}), ${COUNT} structs`, () => {
      const random = randomFrom(SEED);
      const structs = Array.from({ length: COUNT }, (_, i) => randomStruct(`S${i}`, random));
      const wrong: string[] = [];
      for (let i = 0; i < structs.length; i += 100) {
        const batch = structs.slice(i, i + 100);
        const globals = globalsOf(compiler, `${ENUMERATIONS}\n${batch.map(sourceOf).join('\n')}`);
        wrong.push(...batch.flatMap((struct) => differences(struct, globals, compiler)));
      }
      assert.deepEqual(wrong.slice(0, 40), []);
    });
  }
});

describe('random values have the bytes that compilers give them', () => {
  for (const compiler of compilers()) {
    it(`${compiler.name} (${compiler.abi}), ${COUNT} values`, () => {
      const random = randomFrom(SEED + 1);
      const wrong: string[] = [];
      for (let i = 0; i < COUNT; i += 100) {
        const batch = Array.from({ length: Math.min(100, COUNT - i) }, (_, j) => {
          const struct = randomStruct(`S${i + j}`, random);
          return { struct, value: randomValue(struct, random) };
        });
        const source = batch.map(
          ({ struct, value }) =>
            `${sourceOf(struct)}\n${struct.types.at(-1)!.kind} ${struct.id} V_${struct.id} = {${value.initialisers}};`,
        );
        const globals = globalsOf(compiler, `${ENUMERATIONS}\n${source.join('\n')}`);
        wrong.push(
          ...batch.flatMap(({ struct, value }) =>
            differentBytes(struct, value, globals.get(`V_${struct.id}`)!, compiler),
          ),
        );
      }
      assert.deepEqual(wrong.slice(0, 40), []);
    });
  }
});
