/**
 * What `memory/` asks of an operating system: named sections, files, and the regions of them that are mapped.
 *
 * One file per system implements it (`linux.ts`, `darwin.ts`, `windows.ts`, `unsupported.ts`); `current.ts` picks. Upstairs
 * asks {@link Capabilities}, never for a system's name. Implementations leave nothing open on failure, and throw
 * MapFileErrors with `errno` and `syscall` taken right after the failing call.
 */
import type { Access, MemoryScope } from '../base/memory.ts';

/** A name that `memory/names.ts` has checked. */
export interface ObjectName {
  /** As the caller wrote it: for messages. */
  readonly spelled: string;
  /** `Global\X` is `'global'`, all else `'local'`. POSIX has one name space for both. */
  readonly scope: 'local' | 'global';
  /** Without the prefix: never empty, no separator, no NUL. */
  readonly base: string;
}

/** Everything that has a name shares one name space, as on Windows. */
export type ObjectKind = 'section' | 'mutex' | 'event' | 'semaphore';

/** What to expect of the pages of a range. */
export type Advice = 'normal' | 'sequential' | 'random' | 'will-need' | 'dont-need';

/** Constants of a system. What it cannot do, upstairs answers with ERR_PLATFORM_UNSUPPORTED, and never ignores. */
export interface Capabilities {
  /** Unit in which a section's length is rounded up, in bytes. */
  readonly pageSize: number;
  /** Longest base name, in `nameUnit`s. */
  readonly maxNameLength: number;
  readonly nameUnit: 'bytes' | 'characters';
  /** A name can be taken away from a living section, and can outlive its last holder. */
  readonly unlink: boolean;
  readonly persistent: boolean;
  /** Permission bits, security descriptors. */
  readonly mode: boolean;
  readonly sddl: boolean;
  /** Which hints {@link Region.advise} takes. */
  readonly advice: readonly Advice[];
}

/** Who else may open what is created; at most one of `mode` and `sddl`, only where the capabilities have it. */
export interface Security {
  /** `'user'`: only this user. `'everyone'`: each user of this machine may read and write. */
  readonly share: 'user' | 'everyone';
  /** POSIX permission bits in place of `share`; the umask has no say. */
  readonly mode?: number;
  /** A Windows security descriptor in SDDL in place of `share`. */
  readonly sddl?: string;
}

/**
 * A mapped run of bytes. Ranges are relative to its first byte, any alignment: the implementation rounds to pages as
 * each call needs. The mapping may be larger than the region; `buffer` is exactly the region.
 */
export interface Region {
  readonly byteLength: number;
  /**
   * The bytes themselves, detached by {@link unmap}. Made at the first use; a store into a `'read'` region kills the process.
   * @throws MapFileError ERR_NO_LIVE_MEMORY where the runtime forbids external memory
   */
  readonly buffer: ArrayBuffer;
  /** Copies out, also where `buffer` is forbidden. */
  copyOut(byteOffset: number, byteLength: number): Uint8Array<ArrayBuffer>;
  /** Copies in, also where `buffer` is forbidden. The caller has checked the access. */
  copyIn(byteOffset: number, bytes: Uint8Array): void;
  /** Writes the range to the file, and waits for the disk. Nothing to do for memory without a file. */
  flushSync(byteOffset: number, byteLength: number): void;
  /** The same off the event loop. An {@link unmap} meanwhile detaches at once and unmaps when the flush is over. */
  flush(byteOffset: number, byteLength: number): Promise<void>;
  advise(byteOffset: number, byteLength: number, advice: Advice): void;
  /** Reads the pages in ahead of their use. */
  prefetch(byteOffset: number, byteLength: number): void;
  /** Keeps the pages in physical memory (mlock, VirtualLock). */
  lockPages(byteOffset: number, byteLength: number): void;
  unlockPages(byteOffset: number, byteLength: number): void;
  /** Detaches `buffer`, then unmaps. A second call does nothing. */
  unmap(): void;
}

/** An open section or file. */
export interface Mappable {
  /** POSIX: of the file. A Windows section only knows its length rounded up to pages. */
  readonly byteLength: number;
  /** Whether it was opened so that `'readwrite'` regions can be made. */
  readonly writable: boolean;
  /** 32 bits that are equal in all processes that have the same memory open (device and inode, hash of the name, …). */
  readonly originKey: number;
  /** Whose threads share it, as far as the system tells: locks in it find their participants by that. */
  readonly scope?: MemoryScope | undefined;
  /** Maps `byteLength` bytes from any `byteOffset`, both beyond 4 GiB too. Regions outlive {@link close}. */
  map(byteOffset: number, byteLength: number, access: Access): Region;
  /** Asks the system for the length again: another program may have changed it. */
  measure(): number;
  /** Lets go. A second call does nothing. */
  close(): void;
}

/**
 * Named memory. `close()` of the last transient one, in whichever process, makes the name free again; so does the death
 * of that process, however it dies.
 */
export interface Section extends Mappable {
  readonly name: ObjectName;
}

/** An open file. */
export interface MappedFile extends Mappable {
  /** Whether this call made the file. */
  readonly created: boolean;

  /** Sets the file's length; the caller has no region of it left. @throws MapFileError ERR_BUSY if another mapping forbids it */
  resize(byteLength: number): void;
}

/** What the last bytes of existing memory say about it: without our footer it is foreign, and never judged stale. */
export type SectionNature = 'foreign' | 'transient' | 'persistent';

/** Recognises our sections by their last `tailByteLength` bytes. Systems that count holders themselves do not ask. */
export interface SectionJudge {
  readonly tailByteLength: number;
  /** `originKey`: of the memory that the bytes were read from, where a user can copy a section as a file. */
  judge(tail: Uint8Array, originKey?: number): SectionNature;
}

export interface CreateSection {
  /** A multiple of the page size; reserved at once, so that a full system fails here and not at the first touch. */
  readonly byteLength: number;
  readonly security: Security;
  /** Whether the name outlives its last holder (only where the capabilities have it). */
  readonly persistent: boolean;
  readonly judge: SectionJudge;
  /** Whether `fill` must run in one process only, whoever races; else it may also run in one that then loses. */
  readonly once?: boolean;
  /**
   * Puts the first contents in, before any other process of ours can open the name. The section may be mapped here and
   * the regions kept. If it throws, nothing is left of the section but what `fill` mapped.
   */
  fill(section: Section): void;
}

export interface OpenSection {
  /** `'upgrade'`: writable if this user may, else for reading only; `writable` says which. */
  readonly access: 'read' | 'readwrite' | 'upgrade';
  readonly judge: SectionJudge;
}

export interface OpenFile {
  readonly access: Access;
  /** `'never'` opens an existing file, `'missing'` makes one if there is none, `'new'` fails with ERR_NAME_EXISTS if there is one. */
  readonly create: 'never' | 'missing' | 'new';
  /** Grow a shorter file to this length (only with `create` other than `'never'`); reserved on the disk. */
  readonly byteLength?: number;
  readonly security: Security;
}

export interface OperatingSystem {
  readonly capabilities: Capabilities;

  /**
   * Makes a name appear together with its contents, or not at all.
   * @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_OUT_OF_MEMORY, ERR_SYSTEM
   */
  createSection(name: ObjectName, options: CreateSection): Section;
  /** @throws MapFileError ERR_NAME_NOT_FOUND (also for a stale name), ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_SYSTEM */
  openSection(name: ObjectName, options: OpenSection): Section;
  /** Whether {@link openSection} would find it, may this user open it or not. */
  sectionExists(name: ObjectName, judge: SectionJudge): boolean;
  /**
   * Takes the name away; who has the section open keeps it. False if nothing lived under it. Only if `capabilities.unlink`.
   * `approve` is called if something lives, after `judge`, and throws if that is to stay.
   */
  unlinkSection(name: ObjectName, judge: SectionJudge, approve: () => void): boolean;

  /** @throws MapFileError ERR_NAME_NOT_FOUND, ERR_NAME_EXISTS, ERR_WRONG_KIND (a directory, a device), ERR_ACCESS_DENIED, ERR_SYSTEM */
  openFile(path: string, options: OpenFile): MappedFile;
}
