import fc from "fast-check";

/** A change of a file. Places are fractions of its length. */
export type Mutation =
  | { readonly kind: "set" | "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "delete" | "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "swap"; readonly at: number; readonly with: number; readonly length: number };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const span = fc.integer({ min: 1, max: 200 });
const inserted = fc.oneof(
  fc.constantFrom(..."\"'{}[],:\\\n\r\0eE+-.0").map((character) => new Uint8Array(Buffer.from(character))),
  fc.constantFrom(0xff, 0xc3, 0x80).map((byte) => Uint8Array.of(byte)),
  fc.tuple(fc.constantFrom("9", "[", '"'), fc.nat(400)).map(([character, length]) => new Uint8Array(Buffer.from(character.repeat(length)))),
);

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
    fc.record({ kind: fc.constant("insert" as const), at: place, bytes: inserted }),
    fc.record({ kind: fc.constant("cut" as const), at: place }),
    fc.record({ kind: fc.constantFrom("delete" as const, "repeat" as const), at: place, length: span }),
    fc.record({ kind: fc.constant("swap" as const), at: place, with: place, length: span }),
  ),
  { minLength: 1, maxLength: 4 },
);

/** The file with these changes, made one after another. */
export function mutate(file: Uint8Array, changes: readonly Mutation[]): Buffer {
  return changes.reduce<Buffer>(apply, Buffer.from(file));
}

function apply(file: Buffer, mutation: Mutation): Buffer {
  const index = Math.floor(mutation.at * file.length);
  const before = file.subarray(0, index);
  switch (mutation.kind) {
    case "set":
      return Buffer.concat([before, mutation.bytes, file.subarray(index + mutation.bytes.length)]);
    case "insert":
      return Buffer.concat([before, mutation.bytes, file.subarray(index)]);
    case "cut":
      return before;
    case "delete":
      return Buffer.concat([before, file.subarray(index + mutation.length)]);
    case "repeat":
      return Buffer.concat([before, file.subarray(index, index + mutation.length), file.subarray(index)]);
    case "swap": {
      const other = Math.floor(mutation.with * file.length);
      const swapped = Buffer.from(file);
      file.copy(swapped, index, other, other + mutation.length);
      file.copy(swapped, other, index, index + mutation.length);
      return swapped;
    }
  }
}
