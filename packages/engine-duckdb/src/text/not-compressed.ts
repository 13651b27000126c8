/** Thrown for a file that is not compressed as its format says, or is damaged. */
export class NotCompressed extends Error {}
