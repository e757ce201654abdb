/**
 * The doorbell of a thread's promises on Linux: a FIFO that its event loop reads, so that a ring wakes the loop itself, as a
 * socket would. No thread has to wait for it.
 *
 * The FIFO exists while promises wait, `.mapfile-bell-v<n>.<whose>.<id>` beside the registry. What is written to it says
 * nothing; what rang is found out by looking.
 */
import { closeSync, constants, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ParticipantId } from '../base/participants.ts';
import { errno } from '../ffi/libc.ts';
import { close, mkfifo, open } from '../ffi/libc-linux.ts';
import { systemError } from './posix-errors.ts';
import { setMode, setOwner } from './posix-rights.ts';
import type { Hearing } from './registry.ts';

const READER = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW; // its own writer, too: it never ends
const WRITER = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const RING = new Uint8Array(1);

export interface BellOptions {
  /** The folder, with a slash, and how the names begin. */
  readonly folder: string;
  readonly prefix: string;
  readonly mode: number;
  /** Whose threads ring: the FIFO belongs to that user, also when root makes it. */
  readonly uid?: number;
}

export class PosixBells {
  readonly #options: BellOptions;
  /** By slot: whose bell is open for writing. */
  readonly #open = new Map<number, { readonly id: ParticipantId; readonly fd: number }>();

  constructor(options: BellOptions) {
    this.#options = options;
  }

  /** Calls `heard` in the event loop after each ring, or once after many; never keeps the loop alive. */
  listen(id: ParticipantId, heard: () => void): Hearing {
    const { mode, uid } = this.#options;
    const path = this.#path(id);
    mkfifo(path, 0o600); // if it is there already, a close that failed has left it: the id is ours alone
    // The socket owns it, and closes it.
    const fd = open(path, READER);
    const attempt = { name: path, action: 'open', isPath: true };
    if (fd < 0) throw systemError('open', errno(), attempt);
    let socket: Socket;
    try {
      setMode(fd, mode, attempt);
      setOwner(fd, uid, attempt);
      socket = new Socket({ fd, readable: true, writable: false, onread: onread(heard) } as never);
    } catch (error) {
      close(fd);
      removed(path);
      throw error;
    }
    socket.on('error', () => {}); // the watch goes on serving
    socket.unref();
    return {
      close: () => {
        socket.destroy();
        removed(path);
      },
    };
  }

  /** Rings, if that thread listens. */
  ring(slot: number, id: ParticipantId): void {
    for (let attempt = 0; attempt < 2; attempt++) {
      const fd = this.#writer(slot, id);
      if (fd === undefined) return;
      try {
        writeSync(fd, RING);
        return;
      } catch (error) {
        // Full: it has been rung often enough. No reader: that FIFO was closed, and there may be a newer one.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return;
        this.#forget(slot);
      }
    }
  }

  /** What a thread that died has left. */
  remove(id: ParticipantId): void {
    removed(this.#path(id));
  }

  /** What all that died have left; nobody lives. */
  removeAll(): void {
    const { folder, prefix } = this.#options;
    for (const file of readdirSync(folder)) if (file.startsWith(`${prefix}.`)) removed(folder + file);
  }

  close(): void {
    for (const slot of [...this.#open.keys()]) this.#forget(slot);
  }

  #writer(slot: number, id: ParticipantId): number | undefined {
    const known = this.#open.get(slot);
    if (known?.id === id) return known.fd;
    this.#forget(slot);
    try {
      const fd = openSync(this.#path(id), WRITER);
      this.#open.set(slot, { id, fd });
      return fd;
    } catch {
      return undefined; // it does not listen: it has looked, or it is dead
    }
  }

  #forget(slot: number): void {
    const known = this.#open.get(slot);
    if (!known) return;
    this.#open.delete(slot);
    closeSync(known.fd);
  }

  #path(id: ParticipantId): string {
    const { folder, prefix } = this.#options;
    return `${folder}${prefix}.${id}`;
  }
}

/** One buffer for all that comes, since nobody reads it. */
function onread(heard: () => void): object {
  const callback = () => {
    heard();
    return true;
  };
  return { buffer: new Uint8Array(4096), callback };
}

function removed(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or another user's in a sticky folder.
  }
}
