/** Memory of the caller's that holds an object: the same end part as a segment's, inside the view. */
import { randomBytes } from 'node:crypto';
import { MapFileError, readOnlyError } from '../base/errors.ts';
import { type Memory, type MemoryRange, memoryRange, subrange } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { type Footer, planFooter } from '../memory/footer.ts';
import { FooterSeal } from '../memory/footer-seal.ts';
import { MappedView } from '../memory/mapped-view.ts';
import { FOOTER_LENGTH, SECTION_ALIGNMENT } from '../memory/segment-layout.ts';
import { LockWord } from '../sync/lock-word.ts';
import { participantsOf } from '../sync/options.ts';
import { CONTROL_BYTE_LENGTH, LOCK, undoByteLength } from './cell-layout.ts';
import type { Holder, Mapped } from './holder.ts';
import { fillInitial } from './initial.ts';
import { encodeLayout } from './layout-check.ts';
import type { MapFileAccess, MemoryCreateOptions, MemoryOpenOptions } from './map-file-types.ts';
import { refuseResident } from './refuse-resident.ts';
import { dataLength } from './segment-holder.ts';
import { bytesIn, footerIn, hasFooter, publish, sectionIn, spanIn, totalIn, VIEW_ALIGNMENT } from './view-footer.ts';

/** How messages call it. */
export function nameIn(memory: Memory): string {
  return memory instanceof MappedView ? `object in view of "${memory.name}"` : 'object in memory';
}

export function accessOf(memory: Memory): MapFileAccess {
  const { access } = memoryRange(memory);
  if (access !== 'copy-on-write') return access;
  throw new TypeError(`Cannot use ${nameIn(memory)}: its access is copy-on-write, open it as 'read' or 'readwrite'`);
}

/** @throws MapFileError ERR_NAME_EXISTS if an object stands there, ERR_TOO_SMALL */
export function createInView<C extends AnyCodec>(memory: Memory, codec: C, options: MemoryCreateOptions<C>): Holder {
  if (makeOnce(memory, codec, options)) return { ...holderOf(memory), created: true };
  throw new MapFileError(
    'ERR_NAME_EXISTS',
    `Cannot create ${nameIn(memory)}: there is one already, open it, or fill the memory with zeros when nobody uses it`,
    { name: mappingOf(memory) },
  );
}

export function openOrCreateInView<C extends AnyCodec>(
  memory: Memory,
  codec: C,
  options: MemoryCreateOptions<C>,
): Holder {
  const created = makeOnce(memory, codec, options);
  return { ...holderOf(memory), created };
}

/** @throws MapFileError ERR_CORRUPT */
export function openInView<C extends AnyCodec>(memory: Memory, options: MemoryOpenOptions<C>): Holder {
  refuse(options, ['access', 'reopen'], `Cannot open ${nameIn(memory)}`);
  return holderOf(memory);
}

/** Makes the object unless one stands here; answers whether it made it. Many may call this at once, and die in it. */
function makeOnce<C extends AnyCodec>(memory: Memory, codec: C, options: MemoryCreateOptions<C>): boolean {
  const what = nameIn(memory);
  refuse(options, ['share', 'mode', 'sddl', 'persistent'], `Cannot create ${what}`);
  const range = memoryRange(memory);
  if (accessOf(memory) === 'read') throw readOnlyError(what);
  const length = dataLength(codec, options, what);
  const { dataView } = range;
  if (dataView.byteOffset % VIEW_ALIGNMENT !== 0) {
    throw new RangeError(
      `Cannot create ${what} at byte ${dataView.byteOffset}: it must be a multiple of ${VIEW_ALIGNMENT}`,
    );
  }
  if (hasFooter(range)) return false;
  // Before the lock is touched, for it would be a word of theirs.
  refuseResident(dataView, `create ${what}`, mappingOf(memory));
  const layout = encodeLayout(codec);
  const footer = plan(range, length, layout, what, mappingOf(memory));
  const control = spanIn(range, footer.control);
  // The lock of the object to be: it stands at the same distance from the end, whatever struct the others bring. What its
  // owner leaves when it dies is made anew by the next one.
  const lock = new LockWord(control, LOCK, participantsOf(control, options), `the making of ${what}`);
  lock.acquireSync();
  try {
    if (hasFooter(range)) return false;
    bytesIn(control).fill(0, LOCK + 4);
    bytesIn(spanIn(range, footer.layout)).set(layout);
    const data = subrange(range, 0, length);
    bytesIn(data).fill(0);
    fillOrClear(data, codec, options, what);
    publish(range, footer);
    return true;
  } finally {
    lock.release();
  }
}

function fillOrClear<C extends AnyCodec>(
  data: MemoryRange,
  codec: C,
  { initial }: MemoryCreateOptions<C>,
  what: string,
): void {
  try {
    fillInitial(data, codec, initial, what);
  } catch (error) {
    bytesIn(data).fill(0);
    throw error;
  }
}

/** The end part against the end of the memory. @throws MapFileError ERR_TOO_SMALL */
function plan(range: MemoryRange, byteLength: number, layout: Uint8Array, what: string, name: string): Footer {
  const lengths = {
    byteLength,
    layoutLength: layout.byteLength,
    undoLength: undoByteLength(byteLength),
    controlLength: CONTROL_BYTE_LENGTH,
  };
  const origin = {
    kind: 'section',
    // The view may reach to the end of named memory that another program made: never ours to remove.
    persistent: true,
    everyone: range.scope === 'everyone',
    instance: randomBytes(4).readUInt32LE(),
  } as const;
  const needed = planFooter({ ...lengths, ...origin }, SECTION_ALIGNMENT).totalLength;
  const total = totalIn(range);
  if (needed <= total) return planFooter({ ...lengths, ...origin }, total);
  const actual = range.dataView.byteLength;
  throw new MapFileError(
    'ERR_TOO_SMALL',
    `Cannot create ${what}: the memory has ${actual} bytes, ${needed} are needed for the struct and its end part`,
    { name, byteLength: actual, needed },
  );
}

function holderOf(memory: Memory): Holder {
  const range = memoryRange(memory);
  const name = mappingOf(memory);
  const footer = footerIn(range, name || 'memory');
  const byteLength = footer?.byteLength ?? range.dataView.byteLength;
  const { scope, originKey } = range;
  return {
    name,
    created: false,
    byteLength,
    originKey,
    scope,
    instance: footer?.instance,
    control: footer && sectionIn(range, footer.control),
    undo: footer && sectionIn(range, footer.undo),
    seal:
      footer && new FooterSeal(subrange(range, footer.totalLength - FOOTER_LENGTH, FOOTER_LENGTH), name || 'memory'),
    layout: () => (footer?.layout.byteLength ? bytesIn(spanIn(range, footer.layout)).slice() : undefined),
    map: () => mapped(memory, subrange(range, 0, byteLength)),
    close() {},
  };
}

function mapped(memory: Memory, { dataView }: MemoryRange): Mapped {
  const { byteLength } = dataView;
  if (memory instanceof MappedView) {
    return {
      dataView,
      flush: () => memory.flush({ byteOffset: 0, byteLength }),
      flushSync: () => memory.flushSync({ byteOffset: 0, byteLength }),
    };
  }
  return { dataView, flush: () => Promise.resolve(), flushSync() {} };
}

function mappingOf(memory: Memory): string {
  return memory instanceof MappedView ? memory.name : '';
}

/** What the memory itself decides is not silently ignored. */
function refuse(options: object, keys: readonly string[], doing: string): void {
  const key = keys.find((key) => Reflect.get(options, key) !== undefined);
  if (key !== undefined) throw new TypeError(`${doing} with ${key}: that is the memory's affair, leave it out`);
}
