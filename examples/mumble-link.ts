/**
 * MumbleLink: the memory in which a game tells Mumble where its player stands, for positional audio. Run a game with
 * such a plugin, or the fake one:
 *
 *   FRAMES=3000 npx tsx examples/mumble-link.ts publish [name]   (20 ms each; 50 frames without FRAMES)
 *   npx tsx examples/mumble-link.ts [name]
 *
 * Layout: plugins/link/LinkedMem.h of Mumble, https://www.mumble.info/documentation/developer/positional-audio/link-plugin/
 *
 *      0  uiVersion  2 while linked        44  name[256]          1104  context_len
 *      4  uiTick     counts each frame    556  camera (9 floats)  1108  context[256]
 *      8  avatar (9 floats)               592  identity[256]      1364  description[2048]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MapFile, target } from 'mapfile';

// On Windows wchar_t has 2 bytes and the whole 5460; Linux programs use 4 (10580 bytes): take this machine's own.
const { struct, array, bytes, c, f32, u32 } = target(process.platform === 'win32' ? 'msvc64' : 'sysv64');

const LinkedMem = struct('LinkedMem', {
  uiVersion: u32,
  uiTick: u32,
  fAvatarPosition: array(f32, 3),
  fAvatarFront: array(f32, 3),
  fAvatarTop: array(f32, 3),
  name: c.wchar(256),
  fCameraPosition: array(f32, 3),
  fCameraFront: array(f32, 3),
  fCameraTop: array(f32, 3),
  identity: c.wchar(256),
  context_len: u32,
  context: bytes(256),
  description: c.wchar(2048),
});

const args = process.argv.slice(2);
const publishes = args[0] === 'publish';
const name =
  args[publishes ? 1 : 0] ?? (process.platform === 'win32' ? 'MumbleLink' : `MumbleLink.${process.getuid?.()}`);
const frames = Number(process.env.FRAMES ?? 50);

if (publishes) {
  const file = MapFile.openOrCreate(name, LinkedMem);
  const link = file.get();
  link.assign({ uiVersion: 2, name: 'fake game', description: 'Walks in a circle', identity: 'player 1' });
  const context = Buffer.from('arena 7');
  link.assign({ context_len: context.length, context, fAvatarTop: [0, 1, 0], fCameraTop: [0, 1, 0] });
  console.log('publishing', name);
  for (let frame = 0; frame < frames; frame += 1) {
    const [x, z] = [Math.cos(frame / 10), Math.sin(frame / 10)];
    link.assign({
      fAvatarPosition: [10 * x, 0, 10 * z],
      fAvatarFront: [-z, 0, x],
      fCameraPosition: [10 * x, 2, 10 * z],
    });
    link.uiTick += 1; // last: a reader takes the frame when this moves
    await sleep(20);
  }
  file.close();
} else {
  const file = MapFile.open(name, LinkedMem);
  const link = file.get();
  let seen = link.uiTick;
  for (let quiet = 0; quiet < 50; quiet += 1) {
    await sleep(20);
    if (link.uiTick === seen) continue;
    [seen, quiet] = [link.uiTick, 0];
    const [x, y, z] = link.fAvatarPosition;
    const context = Buffer.from(link.context.toArray().slice(0, link.context_len)).toString();
    console.log(
      `${link.name} (${link.identity}, ${context}) tick ${seen} at ${[x, y, z].map((n) => n?.toFixed(2)).join(' ')}`,
    );
  }
  file.close();
}
