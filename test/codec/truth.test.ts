import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnyCodec, type AnyInteger, target } from '../../src/codec/index.ts';
import {
  codecsOf,
  type PublishedField,
  type PublishedType,
  primitiveOf,
  type TargetAbi,
  type TruthStruct,
  truthFiles,
} from './support/truth.ts';

/** Which of our ABIs a column of the truth stands for. */
const ABIS: Record<string, TargetAbi> = {
  sysv64: 'sysv64',
  sysv32: 'sysv32',
  msvc64: 'msvc64',
  msvc32: 'msvc32',
  darwin_arm64: 'sysv64',
  darwin_x64: 'sysv64',
};

/** Everything that the codec says otherwise than the compiler. */
function differences(struct: TruthStruct, column: string): string[] {
  const truth = struct.truth[column]!;
  const codec = [...codecsOf(struct.types, ABIS[column]!).values()].at(-1)!;
  const found: string[] = [];
  const compare = (what: string, actual: number, expected: number) => {
    if (actual !== expected)
      found.push(`${struct.id} ${struct.tag} ${column}: ${what} is ${actual}, expected ${expected}`);
  };
  compare('size', codec.byteLength, truth.size);
  compare('align', codec.byteAlignment, truth.align);
  for (const [path, place] of Object.entries(truth.fields)) {
    if ('offset' in place) compare(path, codec.offsetOf(path), place.offset);
    else compare(path, codec.bitOffsetOf(path), place.bitOffset);
  }
  return found;
}

let tortures = 0;
let published = 0;

for (const [file, content] of truthFiles()) {
  if (typeof content !== 'object' || content === null) continue;
  if ('structs' in content) {
    tortures += 1;
    describe(`compilers' truth: ${file}`, () => {
      const structs = content.structs as TruthStruct[];
      for (const column of Object.keys(ABIS)) {
        it(`agrees with ${column} in every size, alignment and offset`, () => {
          const having = structs.filter((struct) => struct.truth[column]);
          assert.ok(having.length > 0, `no struct has a truth for ${column}`);
          assert.deepEqual(
            having.flatMap((struct) => differences(struct, column)),
            [],
          );
        });
      }
    });
  } else if ('types' in content) {
    published += 1;
    describe(`published layout: ${file}`, () => {
      it('has its sizes, alignments and offsets', () => {
        const types = content.types as Record<string, PublishedType>;
        const codecs = publishedCodecs(types);
        assert.ok(codecs.size > 0);
        for (const [name, type] of Object.entries(types)) {
          const codec = codecs.get(name)!;
          assert.equal(codec.byteLength, type.size, `size of ${name}`);
          assert.equal(codec.byteAlignment, type.align, `alignment of ${name}`);
          for (const field of type.fields) {
            const what = `${name}.${field.name}`;
            if (field.bitOffset !== undefined) assert.equal(codec.bitOffsetOf(field.name), field.bitOffset, what);
            else assert.equal(codec.offsetOf(field.name), field.offset, what);
          }
        }
      });
    });
  }
}

function publishedCodecs(types: Record<string, PublishedType>): Map<string, AnyCodec> {
  const t = target('msvc64');
  const codecs = new Map<string, AnyCodec>();
  const codecOf = (name: string): AnyCodec => {
    const known = codecs.get(name);
    if (known) return known;
    const type = types[name];
    if (!type) throw new Error(`The file describes no type ${name}`);
    const fields = Object.fromEntries(type.fields.map((field) => [field.name, fieldOf(field)]));
    const options = type.pack === null ? {} : { pack: type.pack as 1 };
    const codec = type.kind === 'union' ? t.union(name, fields, options) : t.struct(name, fields, options);
    codecs.set(name, codec);
    return codec;
  };
  const fieldOf = (field: PublishedField): AnyCodec => {
    let codec = field.type === undefined ? primitiveOf(t, field.base!) : codecOf(field.type);
    if (field.bits !== undefined) return t.bits(codec as AnyInteger, field.bits);
    if (field.base === 'char' && field.dims) {
      const [last, ...outer] = field.dims.toReversed();
      codec = t.char(last!);
      return outer.length > 0 ? t.array(codec, ...(outer.toReversed() as [number])) : codec;
    }
    if (field.base === 'wchar' && field.dims?.length === 1) return t.c.wchar(field.dims[0]!);
    if (field.dims) codec = t.array(codec, ...(field.dims as [number]));
    return codec;
  };
  for (const name of Object.keys(types)) codecOf(name);
  return codecs;
}

describe('the ground truth', () => {
  it('is there', () => {
    assert.ok(tortures >= 1, 'no torture file was read');
    assert.ok(published >= 6, 'no published layout was read');
  });
});
