import { inspect } from 'node:util';
import { closedError, MapFileError } from '../base/errors.ts';
import { type MemoryRange, rangeOf } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import { type AnyCodec, formOf, type Infer, type InferLive } from '../codec/codec.ts';
import type { Form } from '../codec/form.ts';
import type { ReadonlyLive } from '../codec/readonly-live.ts';
import { type Attachment, lazyLive } from './attachment.ts';
import type { Body } from './body.ts';
import type { Recovery } from './cell-writer.ts';
import { type ChangeSource, Changes, type ChangesOptions } from './changes.ts';
import { Follower } from './follower.ts';
import type { MapFileAccess, MapFileLive } from './map-file-types.ts';
import type { Stamp } from './read-guard.ts';
import { readLocked, readLockedSync } from './read-locked.ts';

/** What an opener found, and what it was told. */
export interface MapFileParts<C extends AnyCodec> {
  readonly codec: C;
  readonly access: MapFileAccess;
  readonly attachment: Attachment;
  /** How messages call it: `map "x"`. */
  readonly what: string;
  readonly valid?: ((live: ReadonlyLive<InferLive<C>>) => boolean) | undefined;
  /** The memory that the name stands for now, if that is another than `current`. */
  readonly reattach?: ((current: Attachment) => Attachment | undefined) | undefined;
}

/** The reading half of a MapFile. */
export abstract class MapFileReader<C extends AnyCodec, A extends MapFileAccess> {
  /** What the bytes mean. */
  readonly codec: C;
  /** What this object may do: `'read'` or `'readwrite'`. */
  readonly access: A extends 'read' ? MapFileAccess : 'readwrite';
  /** How messages call it. @internal */
  protected readonly what: string;
  readonly #form: Form;
  readonly #valid: MapFileParts<C>['valid'];
  readonly #follower: Follower | undefined;
  readonly #iterations = new Set<{ close(): void }>();
  #attachment: Attachment;
  #live: () => unknown;
  #checked: { copy: DataView; live: unknown } | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';

  /** @internal */
  constructor(parts: MapFileParts<C>) {
    const { codec, access, attachment, what, valid, reattach } = parts;
    this.codec = codec;
    this.access = access as MapFileReader<C, A>['access'];
    this.what = what;
    this.#form = codec[formOf];
    this.#valid = valid;
    this.#follower = reattach && new Follower(reattach);
    this.#attachment = attachment;
    this.#live = lazyLive(codec, attachment.body.range);
  }

  /** The name as the creator or opener spelled it; undefined for memory that has none. */
  get name(): string | undefined {
    return this.#attachment.name;
  }

  /** Bytes of the object. In a foreign mapping: up to its end, which Windows knows by page only. */
  get byteLength(): number {
    return this.#attachment.byteLength;
  }

  /** Whether this call made the object, rather than found it. */
  get created(): boolean {
    return this.#attachment.created;
  }

  /** Whether another program made the memory: nothing outside the struct is touched, and its layout is not checked. */
  get foreign(): boolean {
    return this.#attachment.body.foreign;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * How many updates have been committed since the object was created. In a foreign mapping: the guard's counter, undefined
   * if it has none.
   */
  get version(): Stamp {
    const { body } = this.attached;
    return body.counts ? body.version : undefined;
  }

  /**
   * The live object: its members ARE the memory, in every process that has it open. Always the same object.
   *
   * Its reads and writes are not synchronised: another process can write between two of them. Use `update` to change
   * several members as one, `read` for a whole copy, and `atomic` members for counters that are changed directly.
   *
   * After `close()` every access to it throws TypeError.
   * @throws TypeError ERR_CLOSED
   */
  get(): MapFileLive<C, A> {
    if (this.#state === 'closed') throw closedError(this.what);
    return this.#live() as MapFileLive<C, A>;
  }

  /**
   * A copy of the last whole value. Never torn by an `update` or `write` of another process, and never waits: while one is
   * under way, this thread's own included, or if its process died in the middle, this is the value from before.
   *
   * In a foreign mapping that is as good as its `guard`.
   * @throws MapFileError ERR_BUSY if the program of a foreign mapping is writing; ERR_NOT_VALID if `valid` says so
   * @throws TypeError ERR_CLOSED
   */
  read(): Infer<C> {
    const { body } = this.attached;
    return this.#decode(this.#follower || this.#valid ? this.#copyValid() : body.copy());
  }

  /**
   * A whole copy of foreign data: waits until its mutex is free, or until its program has finished writing.
   * @throws MapFileError ERR_TIMEOUT, ERR_NOT_VALID; AbortError; TypeError ERR_CLOSED
   */
  async readLocked(options: WaitOptions = {}): Promise<Infer<C>> {
    const { body } = this.attached;
    return readLocked(body, options, this.what, (copy) => this.#decode(this.#validated(copy)));
  }

  /** The same, blocking. */
  readLockedSync(options: WaitOptions = {}): Infer<C> {
    const { body } = this.attached;
    return readLockedSync(body, options, this.what, (copy) => this.#decode(this.#validated(copy)));
  }

  /**
   * The values that follow, each a whole copy, within milliseconds of the write of another process. The latest wins: values
   * that came and went while the consumer was busy are skipped. Ends when this object is closed.
   *
   * Direct writes through `get()` change no version; pass `intervalMs` to notice them too.
   * @throws AbortError from the iteration when `signal` fires
   */
  changes(options: ChangesOptions = {}): AsyncIterableIterator<Infer<C>> {
    void this.attached;
    const file = this;
    const source: ChangeSource<Infer<C>> = {
      get body() {
        return file.attached.body;
      },
      copy: () => file.#copyIfAny(),
      decode: (copy) => file.#decode(copy),
      ended: (iteration) => file.#iterations.delete(iteration),
    };
    const iteration = new Changes(source, options);
    this.#iterations.add(iteration);
    return iteration;
  }

  /** Writes a file's bytes to the disk; nothing to do for memory that has no file. */
  async flush(): Promise<void> {
    await this.attached.flush();
  }

  /** The same, blocking. */
  flushSync(): void {
    this.attached.flushSync();
  }

  /**
   * Lets go of the memory in this process: the live object, and every DataView over it, throw TypeError from then on; pending
   * iterations of `changes()` end. If the codec is a class with `[Symbol.dispose]`, that is called first. Other processes
   * notice nothing; the name lives until the last of them closes. A second call does nothing.
   * @throws TypeError inside an update of this object
   */
  close(): void {
    if (this.#state !== 'open') return;
    if (this.#attachment.body.updating) {
      throw new TypeError(`Cannot close ${this.what} inside an update of it: close it after the update`);
    }
    this.#state = 'closing';
    try {
      if (hasDestructor(this.codec)) (this.#live() as Disposable)[Symbol.dispose]();
    } finally {
      this.#state = 'closed';
      for (const iteration of [...this.#iterations]) iteration.close();
      this.#attachment.close();
    }
  }

  /** `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  get [rangeOf](): MemoryRange {
    return this.attached.body.range;
  }

  static {
    Object.defineProperty(MapFileReader.prototype, inspect.custom, {
      value(
        this: MapFileReader<AnyCodec, MapFileAccess>,
        _depth: number,
        options: object,
        print: typeof inspect,
      ): string {
        return this.#inspect(options, print);
      },
    });
  }

  /** What it stands on. @internal */
  protected get attached(): Attachment {
    if (this.#state === 'closed') throw closedError(this.what);
    return this.#attachment;
  }

  /** The last recovery that fell to this object. @internal */
  protected get recovery(): Recovery | undefined {
    return this.#attachment.body.lastRecovery;
  }

  #inspect(options: object, print: typeof inspect): string {
    const head = `MapFile ${this.name === undefined ? '' : `${print(this.name, options)} `}`;
    if (this.closed) return `${head}(closed)`;
    let value: string;
    try {
      value = print(this.#decode(this.#attachment.body.copy()), options);
    } catch (error) {
      value = `<${(error as { code?: string }).code ?? error}>`;
    }
    return `${head}(${this.#describe()}) ${this.codec.name} ${value}`;
  }

  #describe(): string {
    const { body, created } = this.#attachment;
    const version = body.counts ? `, version ${shownVersion(body)}` : '';
    return `${this.access}${created ? ', created' : ''}${body.foreign ? ', foreign' : ''}${version}`;
  }

  #decode(copy: DataView): Infer<C> {
    return this.#form.read(copy, 0) as Infer<C>;
  }

  #copyValid(): DataView {
    this.#follow(false);
    try {
      return this.#validated(this.#attachment.body.copy());
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_NOT_VALID' || !this.#follow(true)) throw error;
      return this.#validated(this.#attachment.body.copy());
    }
  }

  #copyIfAny(): DataView | undefined {
    try {
      return this.#copyValid();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'ERR_BUSY' || code === 'ERR_NOT_VALID') return undefined;
      throw error;
    }
  }

  #validated(copy: DataView): DataView {
    if (!this.#valid) return copy;
    if (this.#checked?.copy !== copy) {
      const range: MemoryRange = { dataView: copy, access: 'read', originKey: 0 };
      this.#checked = { copy, live: this.codec.live({ [rangeOf]: range }) };
    }
    if (this.#valid(this.#checked.live as ReadonlyLive<InferLive<C>>)) return copy;
    const name = this.name;
    throw new MapFileError(
      'ERR_NOT_VALID',
      `Cannot read ${this.what}: its publisher marks it as not valid, wait for it or open it with { reopen: true }`,
      name === undefined ? {} : { name },
    );
  }

  /** Takes the memory that the name stands for now, if it is another one. */
  #follow(now: boolean): boolean {
    const next = this.#follower?.look(this.#attachment, now);
    if (!next) return false;
    const previous = this.#attachment;
    this.#attachment = next;
    this.#live = lazyLive(this.codec, next.body.range);
    previous.close();
    return true;
  }
}

/** Printing never throws. */
function shownVersion(body: Body): string {
  try {
    return String(body.version);
  } catch (error) {
    return `<${(error as { code?: string }).code ?? error}>`;
  }
}

function hasDestructor(codec: AnyCodec): boolean {
  const prototype = typeof codec === 'function' ? (codec as { prototype?: object }).prototype : undefined;
  return prototype !== undefined && typeof Reflect.get(prototype, Symbol.dispose) === 'function';
}
