import { type MemoryRange, rangeOf } from '../base/memory.ts';
import type { AnyCodec } from '../codec/codec.ts';
import type { Body } from './body.ts';

/** A body and what it lives in: a mapping that can be flushed and closed. */
export interface Attachment {
  readonly body: Body;
  /** Absent for memory without a name. */
  readonly name: string | undefined;
  readonly created: boolean;
  /** The bytes of the data: exactly the struct in an object of ours, the rest of the mapping in a foreign one. */
  readonly byteLength: number;
  flush(): Promise<void>;
  flushSync(): void;
  /** Lets go of the mapping; live objects and DataViews over it throw from then on. */
  close(): void;
}

/** The one live object of an attachment, made at the first use. */
export function lazyLive(codec: AnyCodec, range: MemoryRange): () => unknown {
  let live: unknown;
  return () => {
    live ??= codec.live({ [rangeOf]: range });
    return live;
  };
}
