/** A worker thread that has listened to bells, and ends when it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ParticipantId } from '../../../src/base/participants.ts';
import { PosixBells } from '../../../src/os/posix-bell.ts';

const { folder, prefix } = workerData as { folder: string; prefix: string };
const bells = new PosixBells({ folder, prefix, mode: 0o600 });
const heard = [1, 2, 3].map((id) => bells.listen(id as ParticipantId, () => {}));
for (const each of heard) each.close();
parentPort!.once('message', () => parentPort!.close());
parentPort!.postMessage('listened');
