/** What the static functions of MapFile do before there is a MapFile. */

import { abortError, isMapFileError, timeoutError } from '../base/errors.ts';
import type { Memory } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { formIn } from '../codec/make-codec.ts';
import { checkedTimeout } from '../sync/wait.ts';
import { attach } from './attach.ts';
import type { Attachment } from './attachment.ts';
import { createFile, openFile } from './file-holder.ts';
import type { Holder } from './holder.ts';
import { checkLayout, selfDescribed } from './layout-check.ts';
import type { MapFileParts } from './map-file-reader.ts';
import type {
  AttachOptions,
  CreateFileOptions,
  CreateOptions,
  MapFileAccess,
  MemoryCreateOptions,
  MemoryOpenOptions,
  MemoryOpenOrCreateOptions,
  OpenOptions,
  OpenOrCreateOptions,
  SelfDescribed,
  WaitForOptions,
} from './map-file-types.ts';
import { pause } from './pause.ts';
import { createSegment, openOrCreateSegment, openSegment } from './segment-holder.ts';
import { accessOf, createInView, nameIn, openInView, openOrCreateInView } from './view-holder.ts';

/** How often `waitFor` looks for the name. */
const LOOK_MS = 20;

export function createNamed<C extends AnyCodec>(name: string, codec: C, options: CreateOptions<C>): MapFileParts<C> {
  return made(createSegment(name, codec, options), codec, options, `map "${name}"`);
}

export function openOrCreateNamed<C extends AnyCodec>(
  name: string,
  codec: C,
  options: OpenOrCreateOptions<C>,
): MapFileParts<C> {
  const what = `map "${name}"`;
  const holder = openOrCreateSegment(name, codec, options);
  if (!holder.created) checkLayout(holder, codec, what);
  return made(holder, codec, options, what);
}

export function openNamed<C extends AnyCodec>(
  name: string,
  codec: C | undefined,
  options: OpenOptions<C>,
): MapFileParts<C> {
  const { access = 'read' } = options;
  return opened(() => openSegment(name, checkAccess(access)), access, codec, options, `map "${name}"`);
}

export function createFileAt<C extends AnyCodec>(
  path: string,
  codec: C,
  options: CreateFileOptions<C>,
): MapFileParts<C> {
  return made(createFile(path, codec, options), codec, options, `file "${path}"`);
}

export function openFileAt<C extends AnyCodec>(
  path: string,
  codec: C | undefined,
  options: OpenOptions<C>,
): MapFileParts<C> {
  const { access = 'read' } = options;
  return opened(() => openFile(path, checkAccess(access)), access, codec, options, `file "${path}"`);
}

export function createIn<C extends AnyCodec>(
  memory: Memory,
  codec: C,
  options: MemoryCreateOptions<C>,
): MapFileParts<C> {
  return made(createInView(memory, codec, options), codec, options, nameIn(memory));
}

export function openOrCreateIn<C extends AnyCodec>(
  memory: Memory,
  codec: C,
  options: MemoryOpenOrCreateOptions<C>,
): MapFileParts<C> {
  const what = nameIn(memory);
  const holder = openOrCreateInView(memory, codec, options);
  if (!holder.created) checkLayout(holder, codec, what);
  return made(holder, codec, options, what);
}

export function openIn<C extends AnyCodec>(
  memory: Memory,
  codec: C | undefined,
  options: MemoryOpenOptions<C>,
): MapFileParts<C> {
  return opened(() => openInView(memory, options), accessOf(memory), codec, options, nameIn(memory));
}

/** Opens as soon as the name lives. */
export async function waitForNamed<C extends AnyCodec>(
  name: string,
  codec: C,
  options: WaitForOptions<C>,
): Promise<MapFileParts<C>> {
  const { signal, ref = true, intervalMs = LOOK_MS } = options;
  const timeoutMs = checkedTimeout(options);
  const end = performance.now() + timeoutMs;
  const never = new AbortController().signal;
  for (;;) {
    if (signal?.aborted) throw abortError(signal);
    try {
      return openNamed(name, codec, options);
    } catch (error) {
      if (!isMapFileError(error, 'ERR_NAME_NOT_FOUND') && !isUnborn(error)) throw error;
    }
    const left = end - performance.now();
    if (!(left > 0)) throw timeoutError(`map "${name}"`, timeoutMs);
    await pause(Math.min(intervalMs, left), signal ?? never, ref);
  }
}

function made<C extends AnyCodec>(holder: Holder, codec: C, options: AttachOptions<C>, what: string): MapFileParts<C> {
  const attachment = attach(holder, codec, 'readwrite', options, what);
  return { codec, access: 'readwrite', attachment, what, valid: options.valid };
}

function opened<C extends AnyCodec>(
  open: () => Holder,
  access: MapFileAccess,
  given: C | undefined,
  options: OpenOptions<C>,
  what: string,
): MapFileParts<C> {
  if (given !== undefined) formIn(given, what);
  let holder = open();
  const codec = given ?? (selfDescribed(holder, what) as SelfDescribed as unknown as C);
  checkLayout(holder, codec, what);
  const attachment = attach(holder, codec, access, options, what);
  const reattach = (): Attachment | undefined => {
    const next = openAnew(open);
    if (!next) return undefined;
    if (next.originKey === holder.originKey && next.instance === holder.instance) {
      next.close();
      return undefined;
    }
    checkLayout(next, codec, what);
    const attached = attach(next, codec, access, options, what);
    holder = next;
    return attached;
  };
  return { codec, access, attachment, what, valid: options.valid, reattach: options.reopen ? reattach : undefined };
}

/** On POSIX a name lives before its memory has a length: the program is just beginning. */
function isUnborn(error: unknown): boolean {
  return isMapFileError(error, 'ERR_TOO_SMALL') && error.context.byteLength === 0;
}

/** Undefined while the publisher is away, or is just beginning. */
function openAnew(open: () => Holder): Holder | undefined {
  try {
    return open();
  } catch (error) {
    if (isMapFileError(error, 'ERR_NAME_NOT_FOUND') || isUnborn(error)) return undefined;
    throw error;
  }
}

function checkAccess(access: MapFileAccess): MapFileAccess {
  if (access === 'read' || access === 'readwrite') return access;
  throw new TypeError(`Cannot use ${String(access)} as access: pass 'read' or 'readwrite'`);
}
