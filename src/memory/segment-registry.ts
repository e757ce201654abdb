/**
 * Which segments this process has open as ours. Memory that loses its footer under us is corrupt; to anyone else it is
 * foreign.
 */
import type { Section } from '../os/contract.ts';

const open = new Map<string, number>();

const key = ({ name, originKey }: Section) => `${originKey}:${name.base}`;

export function remember(section: Section): void {
  open.set(key(section), (open.get(key(section)) ?? 0) + 1);
}

export function forget(section: Section): void {
  const left = (open.get(key(section)) ?? 0) - 1;
  if (left > 0) open.set(key(section), left);
  else open.delete(key(section));
}

export function remembers(section: Section): boolean {
  return open.has(key(section));
}
