import { isMapFileError, MapFileError } from '../base/errors.ts';
import { knownOptions } from '../base/known-options.ts';
import { type Memory, type MemoryRange, memoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { type CreateOptions, MappedView, type SecurityOptions } from '../memory/index.ts';
import { participantsOf } from '../sync/options.ts';
import { checkQueue, formatOnce, isFormatted, type QueueShape, queueBytes, queueHeader } from './format.ts';
import { bytesForm, codecForm, type MessageClass, type MessageCodec, type MessageForm } from './message-form.ts';
import { checkOwnership, type MessageOwnership } from './ownership.ts';
import { MAX_MESSAGE_BYTES } from './queue-layout.ts';

/** How a queue is opened. */
export interface QueueOptions<T = unknown> {
  /**
   * For messages that stand for something with an owner: the SharedHeap, for a queue of its block handles. All who open the
   * queue give theirs.
   */
  readonly ownership?: MessageOwnership<T>;
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
  /** How errors call a queue over memory; a named one is called by its name. */
  readonly name?: string;
  /** @internal */
  readonly patrolMs?: number;
}

/** How a queue is made. By name, who may open it: this user if nothing is said. */
export interface CreateQueueOptions<T = unknown> extends QueueOptions<T>, QueueShape, SecurityOptions {
  /** The name outlives its last holder, until `unlink`. POSIX only, and only by name. */
  readonly persistent?: boolean;
}

/** What a queue carries: values of a codec, or raw bytes up to a length. */
export type Messages<T, Live, In> = MessageCodec<T, Live, In> | MessageClass<T, Live, In> | number;

/** A queue in its memory, ready to be joined. */
export interface QueuePlace<T, Live, In> {
  readonly name: string;
  readonly range: MemoryRange;
  readonly form: MessageForm<T, Live, In>;
  readonly participants: Participants;
  readonly created: boolean;
  /** Gives up what was opened for the queue alone. */
  release(): void;
}

type AnyForm = MessageForm<never, unknown, never>;

function checkedMaximum(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= MAX_MESSAGE_BYTES) return bytes;
  throw new RangeError(
    `Cannot use ${show(bytes)} as the largest number of raw bytes: expected an integer from 0 to ${MAX_MESSAGE_BYTES}`,
  );
}

/** The form of messages. @throws RangeError for a number that cannot be, TypeError if it is neither a codec nor a number */
export function formOf<T, Live, In>(messages: Messages<T, Live, In>): MessageForm<T, Live, In> {
  // A queue of raw bytes has all three types Uint8Array: the overloads of RingQueue say so.
  if (typeof messages === 'number') return bytesForm(checkedMaximum(messages)) as unknown as MessageForm<T, Live, In>;
  // The type of a class's `live` goes by its `this`; what it answers are instances.
  return codecForm(messages as MessageCodec<T, Live, In>);
}

const OPEN_KEYS = ['ownership', 'participants', 'name'];
/** What is said about a name. */
const NAME_KEYS = ['share', 'mode', 'sddl', 'persistent'] as const;
const KEYS = ['capacity', 'producers', 'consumers', ...NAME_KEYS, ...OPEN_KEYS];

/** @throws TypeError for what JavaScript passes and the types forbid */
function checkArguments<T>(where: string | Memory, options: QueueOptions<T>, keys: readonly string[]): void {
  if (typeof where !== 'string' && (typeof where !== 'object' || where === null)) {
    throw new TypeError(
      `Cannot make a queue in ${show(where)}: pass a name, or memory (a DataView, an ArrayBuffer view or a MappedView)`,
    );
  }
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `Cannot use ${show(options)} as options of a queue: pass an object, to create one { capacity }`,
    );
  }
  knownOptions('make or open a queue', options, keys, 'patrolMs');
  checkOwnership(options.ownership);
}

export function createPlace<T, Live, In>(
  where: string | Memory,
  messages: Messages<T, Live, In>,
  options: CreateQueueOptions<T>,
): QueuePlace<T, Live, In> {
  checkArguments(where, options, KEYS);
  const form = formOf(messages);
  if (typeof where === 'string') {
    const view = MappedView.create(where, queueBytes(form, options), named(form, options));
    return settle(where, view, form, options, true, () => view.close());
  }
  const name = options.name ?? 'this queue';
  const made = formatIn(where, form, options, name);
  if (made.created) return settle(name, where, form, options, true);
  throw new MapFileError('ERR_NAME_EXISTS', `Cannot create ${name}: a queue stands in this memory, open it`, { name });
}

export function openPlace<T, Live, In>(
  where: string | Memory,
  messages: Messages<T, Live, In> | undefined,
  options: QueueOptions<T>,
): QueuePlace<T, Live, In> {
  checkArguments(where, options, OPEN_KEYS);
  // Of a length that is still to be learnt if nothing is said.
  const form = formOf(messages === undefined ? (0 as Messages<T, Live, In>) : messages);
  if (typeof where !== 'string') return settle(options.name ?? 'this queue', where, form, options, false);
  const view = MappedView.open(where, { access: 'readwrite' });
  return settle(where, view, form, options, false, () => view.close());
}

export function openOrCreatePlace<T, Live, In>(
  where: string | Memory,
  messages: Messages<T, Live, In>,
  options: CreateQueueOptions<T>,
): QueuePlace<T, Live, In> {
  checkArguments(where, options, KEYS);
  const form = formOf(messages);
  if (typeof where === 'string') {
    const view = openOrCreateView(where, queueBytes(form, options), named(form, options));
    return settle(where, view, form, options, view.created, () => view.close());
  }
  const name = options.name ?? 'this queue';
  const { created } = formatIn(where, form, options, name);
  return settle(name, where, form, options, created);
}

/** A queue that is there may be of another capacity than ours would be: what it needs is not what we would have made. */
function openOrCreateView(
  name: string,
  byteLength: number,
  options: CreateOptions<'readwrite'>,
): MappedView<'readwrite'> {
  for (let tries = 1000; ; tries--) {
    try {
      return MappedView.open(name, { access: 'readwrite' });
    } catch (error) {
      if (!isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
    }
    try {
      return MappedView.create(name, byteLength, options);
    } catch (error) {
      // Others make it, or give it up, as fast as we look.
      if (tries === 0 || !isMapFileError(error, 'ERR_NAME_EXISTS')) throw error;
    }
  }
}

/** A named queue appears with its header: nobody ever sees one that is not made yet. */
function named<T>(form: Pick<AnyForm, 'maxBytes' | 'fixedSize'>, options: CreateQueueOptions<T>) {
  const { share, mode, sddl, persistent } = options;
  return {
    access: 'readwrite' as const,
    initial: queueHeader(form as AnyForm, options),
    ...(share !== undefined && { share }),
    ...(mode !== undefined && { mode }),
    ...(sddl !== undefined && { sddl }),
    ...(persistent !== undefined && { persistent }),
  };
}

function formatIn<T>(
  memory: Memory,
  form: unknown,
  options: CreateQueueOptions<T>,
  name: string,
): { created: boolean } {
  for (const key of NAME_KEYS) {
    if (options[key] === undefined) continue;
    throw new TypeError(`Cannot create ${name} with ${key}: that is for a queue by name, leave it out over memory`);
  }
  const range = memoryRange(memory);
  return { created: formatOnce(range, form as AnyForm, options, participantsOf(range, options), name) };
}

function settle<T, Live, In>(
  name: string,
  memory: Memory,
  form: MessageForm<T, Live, In>,
  options: QueueOptions<T>,
  created: boolean,
  /** Given for a view that was opened for the queue alone. */
  release?: () => void,
): QueuePlace<T, Live, In> {
  try {
    const range = memoryRange(memory);
    if (release && !isFormatted(range)) {
      throw new MapFileError(
        'ERR_WRONG_KIND',
        `Cannot open queue ${JSON.stringify(name)}: the name is that of other memory`,
        {
          name,
          expected: 'queue',
        },
      );
    }
    const maxBytes = checkQueue(range, form as AnyForm, name);
    return {
      name,
      range,
      form: form.ofQueue(maxBytes),
      participants: participantsOf(range, options),
      created,
      release: release ?? (() => {}),
    };
  } catch (error) {
    release?.();
    throw error;
  }
}
