/** Object identifiers of the element types: `pg_type.dat`. */
const INT8 = 20;
const TEXT = 25;
/** Dimensions, whether there are nulls, element type, length, lower bound: 32 bits each. */
const HEADER_BYTES = 20;
const NULL = -1;

/**
 * A parameter of the type `text[]` in binary, as `array_recv` of Postgres reads it: texts of JSON in an array literal would have each of
 * their quotes escaped here and unescaped there.
 */
export function textArray(values: readonly (string | null | undefined)[]): Buffer {
  const sizes = values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : NULL));
  const buffer = arrayOf(TEXT, sizes);
  let at = HEADER_BYTES;
  for (const [index, value] of values.entries()) {
    at = buffer.writeInt32BE(sizes[index] ?? NULL, at);
    if (typeof value === 'string') at += buffer.write(value, at);
  }
  return buffer;
}

/** A parameter of the type `bigint[]`, in binary. */
export function bigintArray(values: readonly (bigint | number | null | undefined)[]): Buffer {
  const isAbsent = (value: bigint | number | null | undefined): value is null | undefined => value === null || value === undefined;
  const buffer = arrayOf(INT8, values.map((value) => (isAbsent(value) ? NULL : 8)));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(isAbsent(value) ? NULL : 8, at);
    if (!isAbsent(value)) at = buffer.writeBigInt64BE(BigInt(value), at);
  }
  return buffer;
}

function arrayOf(type: number, sizes: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), HEADER_BYTES));
  const header = [1, sizes.includes(NULL) ? 1 : 0, type, sizes.length, 1];
  header.forEach((field, index) => buffer.writeInt32BE(field, index * 4));
  return buffer;
}
