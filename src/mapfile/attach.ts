/** From a holder of memory to an object: the cell in its end part, or foreign memory behind a guard. */
import { MapFileError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { participantsOf } from '../sync/options.ts';
import type { Attachment } from './attachment.ts';
import type { Body } from './body.ts';
import { undoByteLength } from './cell-layout.ts';
import { type Holder, rangeIn } from './holder.ts';
import { keptRanges } from './kept-ranges.ts';
import type { AttachOptions, MapFileAccess } from './map-file-types.ts';
import { foreignBody } from './over.ts';
import { OwnBody } from './own-body.ts';
import { refuseResident } from './refuse-resident.ts';

/** Maps the holder's data and builds a body on it; closes the holder if that fails. */
export function attach<C extends AnyCodec>(
  holder: Holder,
  codec: C,
  access: MapFileAccess,
  options: AttachOptions<C>,
  what: string,
): Attachment {
  try {
    const needed = (options.byteOffset ?? 0) + codec.byteLength;
    if (holder.byteLength < needed) throw tooSmall(holder, what, codec, needed);
    const mapped = holder.map(access);
    const range: MemoryRange = {
      // SAFETY: a store through a view of a read-only region would kill the process. The view goes to bodies and codecs
      // alone, which respect `access`; their live objects over 'read' have no way to it.
      dataView: mapped.dataView,
      access,
      originKey: holder.originKey,
    };
    const data = rangeIn(range, holder.scope);
    const body = bodyOver(holder, data, codec, options, what);
    return {
      body,
      name: holder.name || undefined,
      created: holder.created,
      byteLength: body.range.dataView.byteLength,
      flush: () => mapped.flush(),
      flushSync: () => mapped.flushSync(),
      close() {
        body.close?.();
        holder.close();
      },
    };
  } catch (error) {
    holder.close();
    throw error;
  }
}

function bodyOver<C extends AnyCodec>(
  holder: Holder,
  data: MemoryRange,
  codec: C,
  options: AttachOptions<C>,
  what: string,
): Body {
  const { control, undo, seal } = holder;
  if (!control || !undo || undo.dataView.byteLength < undoByteLength(holder.byteLength)) {
    refuseResident(data.dataView, `open ${what}`, holder.name);
    return foreignBody(data, codec, options, what, holder.name);
  }
  if (options.byteOffset) {
    throw new RangeError(`Cannot open ${what} at byteOffset ${options.byteOffset}: an object of ours begins at 0`);
  }
  if (options.guard) {
    throw new TypeError(`Cannot open ${what} with a guard: it is an object of ours and guarded already, leave it out`);
  }
  const cell = { data, control, undo, ...(seal && { seal }) };
  const body = new OwnBody(cell, () => participantsOf(control, options), what, keptRanges(codec));
  if (body.writer) body.writer.onRecovery = options.onRecovery;
  return body;
}

function tooSmall(holder: Holder, what: string, codec: AnyCodec, needed: number): MapFileError<'ERR_TOO_SMALL'> {
  const { name, byteLength } = holder;
  return new MapFileError(
    'ERR_TOO_SMALL',
    `Cannot open ${what} as ${codec.name}: it has ${byteLength} bytes, ${needed} are needed`,
    { name, byteLength, needed },
  );
}
