import { is32bit, system } from '../base/host.ts';

/**
 * How a C compiler lays out structs. Linux and macOS agree wherever the sizes of the primitives do (macOS on arm64
 * included), so `sysv64` stands for both.
 */
export type Abi = 'msvc64' | 'msvc32' | 'sysv64' | 'sysv32';

/** What differs between the ABIs, in bytes. */
export interface AbiFacts {
  readonly pointer: 4 | 8;
  readonly long: 4 | 8;
  readonly wchar: 2 | 4;
  /** The alignment of 8-byte scalars inside a struct: 4 on i386 System V. */
  readonly wide: 4 | 8;
  /** Bit-fields and alignas follow Microsoft's rules. */
  readonly microsoft: boolean;
}

export const abiFacts: Readonly<Record<Abi, AbiFacts>> = {
  msvc64: { pointer: 8, long: 4, wchar: 2, wide: 8, microsoft: true },
  msvc32: { pointer: 4, long: 4, wchar: 2, wide: 8, microsoft: true },
  sysv64: { pointer: 8, long: 8, wchar: 4, wide: 8, microsoft: false },
  sysv32: { pointer: 4, long: 4, wchar: 4, wide: 4, microsoft: false },
};

/** The ABI of the C compilers of this machine. */
export const hostAbi: Abi = `${system === 'windows' ? 'msvc' : 'sysv'}${is32bit ? '32' : '64'}`;
