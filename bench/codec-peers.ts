import type { Subject } from './codec-subjects.ts';

type Make = (s: Subject, view: DataView) => () => unknown;

/** The same work by other packages, by scenario. */
export const peers: Record<string, [name: string, make: Make][]> = {};
