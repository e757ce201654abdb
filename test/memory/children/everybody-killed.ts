/**
 * In a /dev/shm of its own: kills every holder of views, objects and locks, uses the same names in one more process that
 * ends by itself, and prints what is left.
 */
import { readdirSync } from 'node:fs';
import { start } from '../../support/processes.ts';

const holders = [0, 1, 2].map(() => start('./user.ts', { from: import.meta.url, args: ['hold'] }));
await Promise.all(holders.map((holder) => holder.next('using')));
const before = readdirSync('/dev/shm');
await Promise.all(holders.map((holder) => holder.kill()));
const { code, stderr } = await start('./user.ts', { from: import.meta.url, args: ['leave'] }).ended;
console.log(JSON.stringify({ before: before.length, code, stderr, left: readdirSync('/dev/shm') }));
