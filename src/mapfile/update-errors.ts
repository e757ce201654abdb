/** How an update can be misused, whatever the object stands on. */

/** What the function of an update must not return. */
export function isThenable(value: unknown): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** @returns the error of an update whose function is asynchronous */
export function asynchronous(what: string): TypeError {
  return new TypeError(
    `Cannot update ${what} asynchronously: the function returned a Promise, await first and then update; nothing was changed`,
  );
}

/** @returns the error of an update inside an update of the same object */
export function nestedUpdate(what: string, cause?: unknown): TypeError {
  return new TypeError(
    `Cannot update ${what} inside an update of it: change the object that the outer one has been given`,
    cause === undefined ? undefined : { cause },
  );
}
