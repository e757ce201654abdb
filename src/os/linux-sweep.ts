/**
 * Clears away what killed processes left under names that nobody asks for again. Each process does it once, before it makes
 * its first name; each name that it looks at is buried under its exclusive lock, as by everyone else.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs';
import type { SectionJudge } from './contract.ts';
import { CLAIM_PREFIX } from './posix-claim.ts';
import { inodeKey, readTail } from './posix-descriptor.ts';
import { bury } from './presence.ts';

/** In a folder that others have filled, too, making a name must not take long. */
const LONGEST_MS = 50;
const swept = new Set<string>();

export function sweepOnce(directory: string, judge: SectionJudge): void {
  if (swept.has(directory)) return;
  swept.add(directory);
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch {
    return;
  }
  const end = performance.now() + LONGEST_MS;
  for (const entry of entries) {
    if (performance.now() > end) return;
    try {
      sweep(`${directory}/${entry}`, entry, judge);
    } catch {
      // Another user's, no file, gone meanwhile: not ours to remove.
    }
  }
}

function sweep(path: string, entry: string, judge: SectionJudge): void {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile() || Number(stats.uid) !== process.getuid?.()) return;
    // Of a claim its holder may have made way for the next one's meanwhile: it too is buried by inode, not by name.
    const isOurs = () => judge.judge(readTail(fd, stats, judge.tailByteLength), inodeKey(stats)) === 'transient';
    if (entry.startsWith(CLAIM_PREFIX) || isOurs()) bury(fd, path);
  } finally {
    closeSync(fd);
  }
}
