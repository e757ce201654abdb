/**
 * HWiNFO's sensors: a header that says where two tables stand, how long their elements are and how many there are. The
 * elements of a newer HWiNFO are longer than the structs below, those of an older one shorter; `section` reads both.
 *
 *   npx tsx examples/hwinfo-sensors.ts          reads Global\HWiNFO_SENS_SM2 (Windows, HWiNFO with "Shared Memory Support")
 *   npx tsx examples/hwinfo-sensors.ts fake     publishes two fake sensors and reads them, anywhere
 *
 * Layout: hwisenssm2.h as in https://github.com/robertroessler/rxmdocklet; everything is packed to 1.
 */
import { MappedView, target } from 'mapfile';

const { struct, section, enumeration, char, win, i64, f64, u32 } = target('msvc64');
const packed = { pack: 1 } as const;

const Sensor = struct(
  'HWiNFO_SENSORS_SENSOR_ELEMENT',
  {
    dwSensorID: win.DWORD,
    dwSensorInst: win.DWORD,
    szSensorNameOrig: char(128, 'system'),
    szSensorNameUser: char(128, 'system'),
  },
  packed,
);

const Reading = struct(
  'HWiNFO_SENSORS_READING_ELEMENT',
  {
    tReading: enumeration(u32, {
      none: 0,
      temperature: 1,
      voltage: 2,
      fan: 3,
      current: 4,
      power: 5,
      clock: 6,
      usage: 7,
      other: 8,
    }),
    dwSensorIndex: win.DWORD,
    dwReadingID: win.DWORD,
    szLabelOrig: char(128, 'system'),
    szLabelUser: char(128, 'system'),
    szUnit: char(16, 'system'),
    Value: f64,
    ValueMin: f64,
    ValueMax: f64,
    ValueAvg: f64,
  },
  packed,
);

const Sensors = struct(
  'HWiNFO_SENSORS_SHARED_MEM2',
  {
    dwSignature: win.DWORD, // "SiWH" while HWiNFO publishes, "DAED" when it has gone
    dwVersion: win.DWORD,
    dwRevision: win.DWORD,
    poll_time: i64,
    dwOffsetOfSensorSection: win.DWORD,
    dwSizeOfSensorElement: win.DWORD,
    dwNumSensorElements: win.DWORD,
    dwOffsetOfReadingSection: win.DWORD,
    dwSizeOfReadingElement: win.DWORD,
    dwNumReadingElements: win.DWORD,
    dwPollingPeriod: win.DWORD,
    sensors: section(Sensor, {
      offset: 'dwOffsetOfSensorSection',
      stride: 'dwSizeOfSensorElement',
      count: 'dwNumSensorElements',
    }),
    readings: section(Reading, {
      offset: 'dwOffsetOfReadingSection',
      stride: 'dwSizeOfReadingElement',
      count: 'dwNumReadingElements',
    }),
  },
  packed,
);

const SIGNATURE = 0x53695748; // "SiWH"
const fakes = process.argv[2] === 'fake';
const name = fakes ? `HWiNFO_fake_${process.pid}` : 'Global\\HWiNFO_SENS_SM2';
const publisher = fakes ? publish(name) : undefined;

const view = MappedView.open(name);
try {
  const hwinfo = Sensors.live(view);
  if (hwinfo.dwSignature !== SIGNATURE) throw new Error('HWiNFO has ended');
  console.log(`HWiNFO sensors, polled ${new Date(Number(hwinfo.poll_time) * 1000).toISOString()}`);
  for (const reading of hwinfo.readings) {
    const sensor = hwinfo.sensors.get(reading.dwSensorIndex);
    console.log(
      `${sensor?.szSensorNameUser}: ${reading.szLabelUser} ${reading.Value.toFixed(1)} ${reading.szUnit} (${reading.tReading})`,
    );
  }
} finally {
  view.close();
  publisher?.close();
}

/** What HWiNFO does: elements of its own, longer, version of the structs. */
function publish(mapping: string): { close(): void } {
  const [sensorSize, readingSize] = [Sensor.byteLength + 128, Reading.byteLength + 144];
  const [sensorsAt, readingsAt] = [Sensors.byteLength, Sensors.byteLength + 2 * sensorSize];
  const memory = MappedView.create(mapping, readingsAt + 3 * readingSize);
  const sensor = (id: number, text: string) => ({
    dwSensorID: id,
    dwSensorInst: 0,
    szSensorNameOrig: text,
    szSensorNameUser: text,
  });
  const reading = (index: number, kind: 'temperature' | 'fan', label: string, unit: string, value: number) => ({
    tReading: kind,
    dwSensorIndex: index,
    dwReadingID: 1,
    szLabelOrig: label,
    szLabelUser: label,
    szUnit: unit,
    Value: value,
    ValueMin: value - 5,
    ValueMax: value + 5,
    ValueAvg: value,
  });
  Sensors.write(memory, 0, {
    dwSignature: SIGNATURE,
    dwVersion: 2,
    dwRevision: 1,
    poll_time: BigInt(Math.floor(Date.now() / 1000)),
    dwPollingPeriod: 2000,
    dwOffsetOfSensorSection: sensorsAt,
    dwSizeOfSensorElement: sensorSize,
    dwNumSensorElements: 2,
    dwOffsetOfReadingSection: readingsAt,
    dwSizeOfReadingElement: readingSize,
    dwNumReadingElements: 3,
    sensors: [sensor(1, 'CPU'), sensor(2, 'Mainboard')],
    readings: [
      reading(0, 'temperature', 'Core 0', '°C', 48.5),
      reading(0, 'temperature', 'Core 1', '°C', 51),
      reading(1, 'fan', 'CPU fan', 'RPM', 1180),
    ],
  });
  return memory;
}
