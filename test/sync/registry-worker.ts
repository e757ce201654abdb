/** A Worker that joins the participants of the user in its workerData, and ends. */
import { workerData } from 'node:worker_threads';
import { currentParticipants } from '../../src/os/current-participants.ts';

currentParticipants(workerData as number);
