import { type Abi, abiFacts } from './abi.ts';
import { placeMicrosoft } from './place-microsoft.ts';
import { placeSysv } from './place-sysv.ts';
import type { Placeable, Placed, PlacingRules } from './placeable.ts';

/** Places members as the C compilers of that ABI do. */
export function placeMembers(members: readonly Placeable[], rules: PlacingRules, abi: Abi): Placed {
  return abiFacts[abi].microsoft ? placeMicrosoft(members, rules, abi) : placeSysv(members, rules);
}
