import { MapFileError } from '../base/errors.ts';
import { type Memory, type MemoryRange, memoryRange } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { formIn } from '../codec/make-codec.ts';
import { type Attachment, lazyLive } from './attachment.ts';
import { ForeignBody } from './foreign-body.ts';
import { guardCheck } from './guard-check.ts';
import type { MapFileParts } from './map-file-reader.ts';
import type { ForeignOptions } from './map-file-types.ts';
import { openGuardMutex } from './open-guard-mutex.ts';

/** The object in memory that others own. */
export function placeOver<C extends AnyCodec>(
  memory: Memory,
  codec: C,
  options: ForeignOptions<C> = {},
): MapFileParts<C> {
  const mapping = memoryRange(memory);
  formIn(codec, 'MapFile.over()');
  const what = `the ${codec.name} at offset ${options.byteOffset ?? 0}`;
  const body = foreignBody(mapping, codec, options, what, undefined);
  const attachment: Attachment = {
    body,
    name: undefined,
    created: false,
    byteLength: body.range.dataView.byteLength,
    flush: () => Promise.resolve(),
    flushSync() {},
    close: () => body.close(),
  };
  return {
    codec,
    access: mapping.access === 'readwrite' ? 'readwrite' : 'read',
    attachment,
    what,
    valid: options.valid,
  };
}

/**
 * A body over somebody else's memory.
 * @throws MapFileError ERR_TOO_SMALL if the struct does not fit there
 */
export function foreignBody<C extends AnyCodec>(
  mapping: MemoryRange,
  codec: C,
  { byteOffset = 0, guard }: ForeignOptions<C>,
  what: string,
  name: string | undefined,
): ForeignBody {
  const { byteLength } = mapping.dataView;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0) {
    throw new RangeError(`Cannot use ${byteOffset} as byteOffset: pass an integer of 0 or more`);
  }
  const needed = byteOffset + codec.byteLength;
  if (needed > byteLength) {
    throw new MapFileError(
      'ERR_TOO_SMALL',
      `Cannot use ${what} as ${codec.name}: it has ${byteLength} bytes, ${needed} are needed`,
      { byteLength, needed, ...(name !== undefined && { name }) },
    );
  }
  const live = lazyLive(codec, {
    dataView: new DataView(mapping.dataView.buffer, mapping.dataView.byteOffset + byteOffset, byteLength - byteOffset),
    access: 'read',
    originKey: 0,
  });
  const check = guardCheck(guard, { mapping, byteOffset, codec, live }, openGuardMutex);
  return new ForeignBody(mapping, byteOffset, codec, check, what);
}
