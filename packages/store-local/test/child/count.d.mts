export function encodeCount(count: number, size: number): Buffer;
export function decodeCount(bytes: Buffer): number;
