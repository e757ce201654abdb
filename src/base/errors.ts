/**
 * Every error that mapfile throws.
 *
 * Bad arguments are TypeError or RangeError. Use after close and writes without the right are TypeErrors with a `code`.
 * Everything else is a {@link MapFileError}, found by its `code` (two copies of the package may live in one process, so
 * `instanceof` is not the way).
 */

/** What each code's `context` holds. `name` is always the mapping's name, as the caller spelled it. */
export interface MapFileErrorContexts {
  /** `create` found the name in use. */
  ERR_NAME_EXISTS: { name: string };
  /** `open` found nothing under the name. */
  ERR_NAME_NOT_FOUND: { name: string };
  /** Another kind of object has the name: sections, mutexes, events and semaphores share one name space. */
  ERR_WRONG_KIND: { name: string; expected: string; actual?: string };
  /** Two processes believe in different layouts; `expected` is the opener's table, `actual` the creator's. */
  ERR_LAYOUT_MISMATCH: { name: string; expected: string; actual: string };
  /** The memory or file is shorter than what was asked of it. */
  ERR_TOO_SMALL: { name?: string; byteLength: number; needed: number };
  /** Shared bytes contradict their own checks. */
  ERR_CORRUPT: { name?: string; detail: string };
  /** The publisher marks its block as dead or not yet filled. */
  ERR_NOT_VALID: { name?: string };
  /** Someone else holds it and the call does not wait. */
  ERR_BUSY: { name?: string; owner?: number };
  /** Nothing more may be sent: somebody has ended the queue. */
  ERR_ENDED: { name?: string };
  /** The time given has passed. */
  ERR_TIMEOUT: { timeoutMs: number };
  /** A count would exceed its maximum. */
  ERR_LIMIT: { limit: number; value: number };
  /** No block is large enough. */
  ERR_OUT_OF_MEMORY: { requested: number; free?: number; largest?: number; pinned?: number };
  /** A fixed table (participants, pins, roots, handles) is full. */
  ERR_TABLE_FULL: { table: string; capacity: number };
  /** The block of this handle has been freed. */
  ERR_STALE_HANDLE: { handle: number };
  /** Never a handle of this heap. */
  ERR_INVALID_HANDLE: { handle: number };
  /** The caller does not own the lock that it wants to release, or owns it already. */
  ERR_NOT_OWNER: { owner: number; self: number };
  ERR_ALREADY_OWNER: { self: number };
  /** This runtime forbids ArrayBuffers over foreign memory (Electron). */
  ERR_NO_LIVE_MEMORY: { runtime: string };
  /** This system cannot do it. */
  ERR_PLATFORM_UNSUPPORTED: { feature: string; platform: string };
  /** This user may not. */
  ERR_ACCESS_DENIED: { name?: string };
  /** Any other failed system call: see `errno` and `syscall`. */
  ERR_SYSTEM: { name?: string };
}

export type MapFileErrorCode = keyof MapFileErrorContexts;

/** The number and the name of the system call that failed. */
export interface SystemFailure {
  /** `errno` on POSIX, `GetLastError()` on Windows. */
  readonly errno: number;
  readonly syscall: string;
}

/** An error of Node's shape: `code` says what happened, `context` gives the values, `message` ends with a remedy. */
export class MapFileError<C extends MapFileErrorCode = MapFileErrorCode> extends Error {
  override readonly name: string = 'MapFileError';
  readonly code: C;
  readonly context: MapFileErrorContexts[C];
  /** Set only when a system call failed. */
  declare readonly errno?: number;
  /** Set only when a system call failed. */
  declare readonly syscall?: string;

  constructor(code: C, message: string, context: MapFileErrorContexts[C], failure?: SystemFailure, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.context = context;
    if (failure) Object.assign(this, { errno: failure.errno, syscall: failure.syscall });
  }
}

/** Narrows a caught value to the MapFileError of that code, whichever copy of the package threw it. */
export function isMapFileError<C extends MapFileErrorCode>(error: unknown, code: C): error is MapFileError<C> {
  return error instanceof Error && (error as Partial<MapFileError>).code === code && 'context' in error;
}

/** The TypeError of promise 3 with its `code`. */
export interface CodedTypeError extends TypeError {
  readonly code: 'ERR_CLOSED' | 'ERR_READ_ONLY';
}

/** `what` was used after its `close()`, or whatever else has ended it. */
export function closedError(what: string, end = 'closed, open it again'): CodedTypeError {
  return coded(`Cannot use ${what}: it is ${end}`, 'ERR_CLOSED');
}

/** `what` was opened with `access: 'read'`. */
export function readOnlyError(what: string): CodedTypeError {
  return coded(`Cannot write to ${what}: it is read-only, open it with { access: 'readwrite' }`, 'ERR_READ_ONLY');
}

function coded(message: string, code: CodedTypeError['code']): CodedTypeError {
  return Object.assign(new TypeError(message), { code });
}

/** The error of a wait whose `signal` fired: Node's AbortError, with the signal's reason as `cause`. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' as const });
}

/** The error of a wait that lasted longer than its `timeoutMs`. */
export function timeoutError(what: string, timeoutMs: number): MapFileError<'ERR_TIMEOUT'> {
  return new MapFileError('ERR_TIMEOUT', `Timed out waiting for ${what} after ${timeoutMs} ms`, { timeoutMs });
}
