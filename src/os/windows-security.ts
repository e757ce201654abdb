/** Who may open what we create: SECURITY_ATTRIBUTES for the length of one call. */
import * as win from '../ffi/kernel32.ts';
import type { Security } from './contract.ts';
import { explain } from './windows-errors.ts';

/** All rights for everyone (WD): C programs tend to ask for FILE_MAP_ALL_ACCESS, so less would keep them out. */
const EVERYONE = 'D:P(A;;GA;;;WD)';

/**
 * Calls `use` with the attributes of a descriptor, and gives that back to the system afterwards. `use` takes GetLastError
 * itself: it is no longer right when this returns.
 *
 * @param sddl null is the default of the process's token: this user and the system
 * @throws TypeError if it is not SDDL
 */
export function withDescriptor<T>(sddl: string | null, use: (attributes: win.SECURITY_ATTRIBUTES | null) => T): T {
  if (sddl === null) return use(null);
  const address = new BigUint64Array(1);
  const convert = win.ConvertStringSecurityDescriptorToSecurityDescriptorW;
  if (!convert(sddl, win.SDDL_REVISION_1, address, null)) {
    const reason = explain(win.GetLastError());
    throw new TypeError(`Cannot use sddl ${JSON.stringify(sddl)}: ${reason}, write it as in "D:P(A;;GA;;;WD)"`);
  }
  const descriptor = address[0] as win.LPVOID;
  try {
    // SAFETY: the descriptor lives until LocalFree below; the system copies it into the object.
    return use(new win.SECURITY_ATTRIBUTES(descriptor, win.FALSE));
  } finally {
    win.LocalFree(descriptor);
  }
}

/** {@link withDescriptor} for what the caller of our API asked for. */
export function withSecurity<T>(security: Security, use: (attributes: win.SECURITY_ATTRIBUTES | null) => T): T {
  return withDescriptor(security.sddl ?? (security.share === 'everyone' ? EVERYONE : null), use);
}
