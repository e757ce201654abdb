/** Joins the participants of the user in its argument and says its id; `wait` begins a wait that never ends. */
import { currentParticipants } from '../../src/os/current-participants.ts';

const participants = currentParticipants(Number(process.argv[2]));
const { self } = participants;
process.on('message', ({ id, op }: { id: number; op: string }) => {
  if (op === 'leave') process.disconnect();
  else if (op === 'wait') {
    const never = () => {
      setImmediate(() => process.send!({ id, self }));
      return true;
    };
    void participants.sleep(1, never, 0x7fff_ffff, undefined, false);
  } else process.send!({ id, self });
});
