/** A publisher's block that shows any tear, with the marks of four kinds of guard. */
import { array, type Infer, i32, MapFile, MappedView, struct, u32 } from '../../src/index.ts';
import { NamedMutex } from '../../src/sync/index.ts';

export { MapFile, MappedView, NamedMutex };

export const Telemetry = struct('telemetry', {
  sequence: u32,
  begin: u32,
  end: u32,
  busy: u32,
  values: array(i32, 250),
});

export const telemetryHolds = ({ values }: Infer<typeof Telemetry>): boolean => values.every((v) => v === values[0]);

export const mutexOf = (name: string): string => `${name}-mutex`;
