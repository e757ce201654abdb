/**
 * Which memory this thread has mapped, by origin key. POSIX lets a file shrink under its mappings, and a touch behind the
 * new end kills the process; Windows refuses. Two files with one key refuse each other's shrinking, and nothing else.
 */
const counts = new Map<number, number>();

export function noteMapped(originKey: number): void {
  counts.set(originKey, (counts.get(originKey) ?? 0) + 1);
}

export function noteUnmapped(originKey: number): void {
  const left = (counts.get(originKey) ?? 0) - 1;
  if (left > 0) counts.set(originKey, left);
  else counts.delete(originKey);
}

export function isMapped(originKey: number): boolean {
  return counts.has(originKey);
}
