/** A millisecond's rest for a thread that waits for another process to finish a few system calls. */
const never = new Int32Array(new SharedArrayBuffer(4));

export function nap(): void {
  Atomics.wait(never, 0, 0, 1);
}
