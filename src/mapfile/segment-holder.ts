import type { AnyCodec } from '../codec/codec.ts';
import { formIn } from '../codec/make-codec.ts';
import { Segment, type SegmentPlan } from '../memory/segment.ts';
import { CONTROL_BYTE_LENGTH, undoByteLength } from './cell-layout.ts';
import { type Holder, mappedIn, rangeIn } from './holder.ts';
import { fillInitial } from './initial.ts';
import { encodeLayout } from './layout-check.ts';
import type { CreateOptions, MapFileAccess } from './map-file-types.ts';

/** What a creator puts behind the struct, and into it. */
export function segmentPlan<C extends AnyCodec>(codec: C, options: CreateOptions<C>, what: string): SegmentPlan {
  const byteLength = dataLength(codec, options, what);
  const { share, mode, sddl, persistent = false } = options;
  return {
    byteLength,
    persistent,
    ...(share !== undefined && { share }),
    ...(mode !== undefined && { mode }),
    ...(sddl !== undefined && { sddl }),
    layout: encodeLayout(codec),
    undoLength: undoByteLength(byteLength),
    controlLength: CONTROL_BYTE_LENGTH,
    // Code of the user's runs in the winner only, whoever races.
    once: typeof options.initial === 'function',
    initialise(segment) {
      if (options.initial === undefined) return;
      const region = segment.map(0, byteLength, 'readwrite');
      const dataView = new DataView(region.buffer, 0, byteLength);
      const { originKey, scope } = segment;
      fillInitial(rangeIn({ dataView, access: 'readwrite', originKey }, scope), codec, options.initial, what);
    },
  };
}

export function dataLength(codec: AnyCodec, { byteLength }: { byteLength?: number }, what: string): number {
  formIn(codec, what);
  if (byteLength === undefined) return codec.byteLength;
  if (Number.isSafeInteger(byteLength) && byteLength >= codec.byteLength) return byteLength;
  throw new RangeError(`Cannot create ${what} with ${byteLength} bytes: ${codec.name} needs ${codec.byteLength}`);
}

export function createSegment<C extends AnyCodec>(name: string, codec: C, options: CreateOptions<C>): Holder {
  return holderOf(Segment.create(name, segmentPlan(codec, options, `map "${name}"`)));
}

export function openSegment(name: string, access: MapFileAccess): Holder {
  return holderOf(Segment.open(name, { access, trailer: true }));
}

export function openOrCreateSegment<C extends AnyCodec>(name: string, codec: C, options: CreateOptions<C>): Holder {
  const plan = segmentPlan(codec, options, `map "${name}"`);
  return holderOf(Segment.openOrCreate(name, { access: 'readwrite', trailer: true }, plan));
}

/** Closes the segment if its control words cannot be looked at (Electron). */
function holderOf(segment: Segment): Holder {
  try {
    return {
      name: segment.name,
      created: segment.created,
      byteLength: segment.byteLength,
      originKey: segment.originKey,
      scope: segment.scope,
      instance: segment.footer?.instance,
      control: segment.control,
      undo: segment.undo,
      seal: segment.seal,
      layout: () => segment.layout(),
      map: (access) => mappedIn(segment.map(0, segment.byteLength, access)),
      close: () => segment.close(),
    };
  } catch (error) {
    segment.close();
    throw error;
  }
}
