/** Joins the participants of the user in its argument and says its id. */
import { currentParticipants } from '../../src/os/current-participants.ts';

const { self } = currentParticipants(Number(process.argv[2]));
process.on('message', ({ id, op }: { id: number; op: string }) => {
  if (op === 'leave') process.disconnect();
  else process.send!({ id, self });
});
