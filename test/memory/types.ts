/** What must not compile. Checked by `tsc`, never run. */
import { array, i32, MappedView, struct } from '../../src/index.ts';

const Point = struct('point', { x: i32, y: i32 });

export function readViewsCannotWrite(): void {
  const view = MappedView.open('x');
  view satisfies MappedView<'read'>;
  view.dataView().getInt32(0, true) satisfies number;
  view.read(Point).x satisfies number;
  // @ts-expect-error: a read view has no writing half
  view.dataView().setInt32(0, 1);
  // @ts-expect-error: nor bytes that could be written
  view.bytes();
  // @ts-expect-error: nor typed arrays
  view.typedArray(Int32Array);
  // @ts-expect-error
  view.fill(0);
  // @ts-expect-error
  view.copyFrom(new Uint8Array(1));
  // @ts-expect-error
  view.write(Point, 0, { x: 1, y: 2 });
  // @ts-expect-error
  view.resize(1);
  // @ts-expect-error: live objects of a read view are for reading
  view.live(Point).x = 1;
  const line = view.live(struct('line', { from: Point, all: array(Point, 2), marks: array(i32, 2) }));
  // @ts-expect-error: on every level
  line.from.x = 1;
  // @ts-expect-error
  line.all[0]!.x = 1;
  // @ts-expect-error
  line.marks[0] = 1;
  // @ts-expect-error
  line.assign({});
}

export function writableViewsCan(): void {
  const made = MappedView.create('x', 8);
  made satisfies MappedView<'readwrite'>;
  made.bytes() satisfies Uint8Array;
  made.typedArray(Int32Array) satisfies Int32Array;
  made.typedArray(BigUint64Array, 0, 1) satisfies BigUint64Array;
  made.live(Point).x = 1;
  made.write(Point, 0, { x: 1, y: 2 });
  // @ts-expect-error: the value must fit the codec
  made.write(Point, 0, { x: 1 });
  const own = MappedView.open('x', { access: 'copy-on-write' });
  own satisfies MappedView<'copy-on-write'>;
  own.fill(1);
  // @ts-expect-error: what stays in this process cannot resize the file
  own.resize(1);
  // @ts-expect-error: no such access
  MappedView.open('x', { access: 'write' });
  const reading: MappedView = made;
  // @ts-expect-error: of unknown access
  reading.fill(0);
}
