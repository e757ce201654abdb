/** The two libraries of Windows that we call. Loaded, and each function bound, at the first call. */
import { type Library, library } from './koffi.ts';

export const kernel32: Library = library('kernel32.dll', ['windows']);
export const advapi32: Library = library('advapi32.dll', ['windows']);
