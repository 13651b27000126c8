/** An object that holds its count again and again, so that a torn one shows. `size` is a multiple of 16. */
export function encodeCount(count, size) {
  return Buffer.from(`${count}`.padStart(16, "0").repeat(size / 16));
}

export function decodeCount(bytes) {
  const text = bytes.toString("latin1");
  const record = text.slice(0, 16);
  if (!/^\d{16}$/.test(record) || text !== record.repeat(text.length / 16))
    throw new Error(`a torn count of ${text.length} bytes: ${record}`);
  return Number(record);
}
