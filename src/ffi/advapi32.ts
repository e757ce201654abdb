/** Who may: security descriptors from their text form. */
import { advapi32 } from './kernel32-library.ts';
import type { BOOL, DWORD } from './kernel32-types.ts';

export const SDDL_REVISION_1 = 1;

/**
 * Writes the address of a descriptor that the caller gives back with LocalFree.
 *
 * https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertstringsecuritydescriptortosecuritydescriptorw
 */
export const ConvertStringSecurityDescriptorToSecurityDescriptorW: (
  StringSecurityDescriptor: string,
  StringSDRevision: DWORD,
  SecurityDescriptorOut: BigUint64Array,
  SecurityDescriptorSizeOut: Uint32Array | null,
) => BOOL = advapi32.lazy(
  'int __stdcall ConvertStringSecurityDescriptorToSecurityDescriptorW(const char16_t *StringSecurityDescriptor, ' +
    'uint32_t StringSDRevision, void *SecurityDescriptor, void *SecurityDescriptorSize)',
);
