/** `Int32Array` and its like. */
export interface TypedArrayConstructor<T> {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}
