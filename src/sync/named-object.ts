import { closedError, type MapFileError } from '../base/errors.ts';
import { type MemoryRange, type MemorySource, rangeOf } from '../base/memory.ts';
import { objectName } from '../memory/names.ts';
import { checkSecurity, type SecurityOptions } from '../memory/options.ts';
import { Segment } from '../memory/segment.ts';
import type { ObjectKind, ObjectName, Security } from '../os/contract.ts';
import type { Making } from '../os/kernel-objects.ts';
import { BYTE_LENGTH } from './named-layout.ts';
import { checkedOptions } from './options.ts';

/** Who may open what is made: see MappedView. */
export interface NamedOptions extends SecurityOptions {}

/** What a kernel object needs to be made. */
export function checkedName(name: string, options: SecurityOptions): { name: ObjectName; security: Security } {
  return { name: objectName(name), security: checkSecurity(checkedOptions(options)) };
}

/** The segment of a named object where the kernel has no such objects, and its memory. */
export interface NamedSegment {
  readonly segment: Segment;
  readonly memory: MemorySource;
}

/** Makes or opens the segment of a named object; `initialise` runs in the winner only, before anybody sees the name. */
export function namedSegment(
  name: string,
  kind: Exclude<ObjectKind, 'section'>,
  making: Making,
  options: SecurityOptions,
  initialise: (memory: MemorySource) => void,
): NamedSegment {
  checkedOptions(options);
  let memory: MemorySource | undefined;
  const opening = { access: 'readwrite', kind } as const;
  const plan = {
    ...options,
    byteLength: BYTE_LENGTH,
    kind,
    initialise(segment: Segment) {
      memory = memoryOf(segment);
      initialise(memory);
    },
  };
  const segment =
    making === 'open'
      ? Segment.open(name, opening)
      : making === 'create'
        ? Segment.create(name, plan)
        : Segment.openOrCreate(name, opening, plan);
  return { segment, memory: segment.created && memory ? memory : memoryOf(segment) };
}

function memoryOf(segment: Segment): MemorySource {
  const { buffer } = segment.map(0, BYTE_LENGTH, 'readwrite');
  const range: MemoryRange = {
    dataView: new DataView(buffer),
    access: 'readwrite',
    originKey: segment.originKey,
    ...(segment.scope !== undefined && { scope: segment.scope }),
  };
  return { [rangeOf]: range };
}

/** Common to all: a name, whether we made it, and an end. */
export abstract class NamedObject {
  /** As it was spelled. */
  readonly name: string;
  /** Whether this call made it; false if it was opened. */
  readonly created: boolean;
  /** For messages: `mutex "Global\\X"`. */
  protected readonly what: string;
  readonly #close: () => void;
  #closed = false;

  constructor(kind: string, name: string, created: boolean, close: () => void) {
    this.name = name;
    this.created = created;
    this.what = `${kind} "${name}"`;
    this.#close = close;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Lets go of it in this process; the name goes with the last process that has it. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @throws TypeError ERR_CLOSED */
  protected use(): void {
    if (this.#closed) throw closedError(this.what);
  }

  /** What a wait that came to nothing throws, if the object was closed meanwhile. */
  protected orClosed(error: unknown): unknown {
    return this.#closed && (error as Partial<MapFileError>).code === undefined ? closedError(this.what) : error;
  }
}
