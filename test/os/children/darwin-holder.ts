/** Holds a section of the darwin kind: folder, name, and `making` to die while it makes it. */
import { creation, judge, named, sectionsIn } from '../darwin-support.ts';

const [folder = '', name = '', manner] = process.argv.slice(2);
const sections = sectionsIn(folder);
if (manner === 'making') {
  sections.createSection(named(name), creation(1, { fill: () => process.kill(process.pid, 'SIGKILL') as never }));
}
const section =
  manner === 'open'
    ? sections.openSection(named(name), { access: 'read', judge })
    : sections.createSection(named(name), creation(1));
process.send!({ type: 'holding', byteLength: section.byteLength });
if (manner === 'exit') process.disconnect();
else setInterval(() => {}, 1000);
