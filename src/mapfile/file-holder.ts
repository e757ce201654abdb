/** Files that hold an object: the same end part as a segment's, so that they are whole, guarded and self-describing too. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { isMapFileError, MapFileError } from '../base/errors.ts';
import { type MemoryRange, type MemoryScope, offsetKey } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { decodeFooter, encodeFooter, type Footer, planFooter, type Span } from '../memory/footer.ts';
import { FooterSeal } from '../memory/footer-seal.ts';
import { OpenedFile } from '../memory/opened-file.ts';
import { checkSecurity } from '../memory/options.ts';
import { FOOTER_LENGTH } from '../memory/segment-layout.ts';
import type { OpenFile } from '../os/contract.ts';
import { os } from '../os/current.ts';
import { CONTROL_BYTE_LENGTH, undoByteLength } from './cell-layout.ts';
import { type Holder, mappedIn, rangeIn } from './holder.ts';
import { fillInitial } from './initial.ts';
import { encodeLayout } from './layout-check.ts';
import type { CreateFileOptions, MapFileAccess } from './map-file-types.ts';
import { dataLength } from './segment-holder.ts';

/**
 * Makes a file that appears whole or not at all: it is filled under another name beside it first, and then linked.
 * @throws MapFileError ERR_NAME_EXISTS
 */
export function createFile<C extends AnyCodec>(path: string, codec: C, options: CreateFileOptions<C>): Holder {
  const what = `file "${path}"`;
  const byteLength = dataLength(codec, options, what);
  const layout = encodeLayout(codec);
  const footer = planFooter(
    {
      byteLength,
      layoutLength: layout.byteLength,
      undoLength: undoByteLength(byteLength),
      controlLength: CONTROL_BYTE_LENGTH,
      kind: 'section',
      persistent: true,
      everyone: options.share === 'everyone',
      instance: randomBytes(4).readUInt32LE(),
    },
    os.capabilities.pageSize,
  );
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const { totalLength } = footer;
  const file = openDraft(draft, path, what, { byteLength: totalLength, security: checkSecurity(options) });
  try {
    try {
      const region = file.map(0, totalLength, 'readwrite');
      region.copyIn(footer.layout.byteOffset, layout);
      region.copyIn(totalLength - FOOTER_LENGTH, encodeFooter(footer));
      if (options.initial !== undefined) {
        const dataView = new DataView(region.buffer, 0, byteLength);
        fillInitial({ dataView, access: 'readwrite', originKey: 0 }, codec, options.initial, what);
      }
    } finally {
      file.close();
    }
    publish(draft, path, what);
  } finally {
    rmSync(draft, { force: true });
  }
  return { ...openFile(path, 'readwrite'), created: true };
}

function openDraft(
  draft: string,
  path: string,
  what: string,
  options: Pick<OpenFile, 'byteLength' | 'security'>,
): OpenedFile {
  try {
    return new OpenedFile(draft, { ...options, access: 'readwrite', create: 'new' });
  } catch (error) {
    if (!isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
    const message = `Cannot create ${what}: its folder does not exist, make that first`;
    throw new MapFileError('ERR_NAME_NOT_FOUND', message, { name: path });
  }
}

/** Where a link cannot be made: file systems without links (FAT), and those that forbid them. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN']);

/** Gives the draft its name, unless somebody has it. */
function publish(draft: string, path: string, what: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw error;
    // Whole all the same, but two that create it at once may both believe that they did.
    if (code !== 'EEXIST' && !existsSync(path)) {
      renameSync(draft, path);
      return;
    }
    throw new MapFileError(
      'ERR_NAME_EXISTS',
      `Cannot create ${what}: there is one already, open it or choose another path`,
      { name: path },
    );
  }
}

/** @throws MapFileError ERR_NAME_NOT_FOUND, ERR_CORRUPT, ERR_ACCESS_DENIED */
export function openFile(path: string, access: MapFileAccess): Holder {
  const [file, widest] = openWidest(path, access);
  try {
    return holderOf(file, widest);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A reader too wants to write the control words, to be rung; without the right it polls. */
function openWidest(path: string, access: MapFileAccess): [OpenedFile, MapFileAccess] {
  const open = (as: MapFileAccess): OpenedFile =>
    new OpenedFile(path, { access: as, create: 'never', byteLength: 0, security: checkSecurity({}) });
  try {
    return [open('readwrite'), 'readwrite'];
  } catch (error) {
    if (access === 'readwrite' || isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
    return [open('read'), 'read'];
  }
}

function holderOf(file: OpenedFile, access: MapFileAccess): Holder {
  const footer = readFooter(file);
  const byteLength = footer?.byteLength ?? file.byteLength;
  return {
    name: file.name,
    created: false,
    byteLength,
    originKey: file.originKey,
    scope: scopeOf(file, footer),
    instance: footer?.instance,
    control: footer && sectionOf(file, footer, footer.control, access),
    undo: footer && sectionOf(file, footer, footer.undo, access),
    seal: footer && new FooterSeal(sectionOf(file, footer, footerSpan(footer), 'read')!, file.name),
    layout: () => (footer ? layoutIn(file, footer) : undefined),
    map: (as) => mappedIn(file.map(0, byteLength, as)),
    close: () => file.close(),
  };
}

function readFooter(file: OpenedFile): Footer | undefined {
  const { byteLength, name } = file;
  if (byteLength < FOOTER_LENGTH) return undefined;
  const region = file.map(byteLength - FOOTER_LENGTH, FOOTER_LENGTH, 'read');
  return decodeFooter(region.copyOut(0, FOOTER_LENGTH), byteLength, name);
}

function sectionOf(
  file: OpenedFile,
  footer: Footer,
  { byteOffset, byteLength }: Span,
  access: MapFileAccess,
): MemoryRange | undefined {
  if (byteLength === 0) return undefined;
  const region = file.map(byteOffset, byteLength, access);
  const originKey = offsetKey(file.originKey, byteOffset);
  return rangeIn({ dataView: new DataView(region.buffer, 0, byteLength), access, originKey }, scopeOf(file, footer));
}

function footerSpan({ totalLength }: Footer): Span {
  return { byteOffset: totalLength - FOOTER_LENGTH, byteLength: FOOTER_LENGTH };
}

function scopeOf(file: OpenedFile, footer: Footer | undefined): MemoryScope | undefined {
  return file.scope ?? (footer?.everyone ? 'everyone' : undefined);
}

function layoutIn(file: OpenedFile, { layout }: Footer): Uint8Array | undefined {
  if (layout.byteLength === 0) return undefined;
  return file.map(layout.byteOffset, layout.byteLength, 'read').copyOut(0, layout.byteLength);
}
