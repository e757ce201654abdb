/** The reading half of a DataView. */
export type DataViewReader = Pick<
  DataView,
  | 'byteLength'
  | 'getInt8'
  | 'getUint8'
  | 'getInt16'
  | 'getUint16'
  | 'getInt32'
  | 'getUint32'
  | 'getFloat32'
  | 'getFloat64'
  | 'getBigInt64'
  | 'getBigUint64'
>;

/**
 * A DataView that cannot write and does not give its buffer away: a store through a read-only mapping would kill the
 * process. Costs one call more than the DataView itself, which the optimiser removes.
 */
export class ReadonlyDataView implements DataViewReader {
  readonly #view: DataView;

  constructor(view: DataView) {
    this.#view = view;
  }

  /** In bytes. @throws TypeError after `close()` */
  get byteLength(): number {
    return this.#view.byteLength;
  }

  getInt8(byteOffset: number): number {
    return this.#view.getInt8(byteOffset);
  }

  getUint8(byteOffset: number): number {
    return this.#view.getUint8(byteOffset);
  }

  getInt16(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getInt16(byteOffset, littleEndian);
  }

  getUint16(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getUint16(byteOffset, littleEndian);
  }

  getInt32(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getInt32(byteOffset, littleEndian);
  }

  getUint32(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getUint32(byteOffset, littleEndian);
  }

  getFloat32(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getFloat32(byteOffset, littleEndian);
  }

  getFloat64(byteOffset: number, littleEndian?: boolean): number {
    return this.#view.getFloat64(byteOffset, littleEndian);
  }

  getBigInt64(byteOffset: number, littleEndian?: boolean): bigint {
    return this.#view.getBigInt64(byteOffset, littleEndian);
  }

  getBigUint64(byteOffset: number, littleEndian?: boolean): bigint {
    return this.#view.getBigUint64(byteOffset, littleEndian);
  }
}
