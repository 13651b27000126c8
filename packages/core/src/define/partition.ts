/** The calendar periods, in UTC, that a version can be divided into. Weeks begin on Monday, as in ISO 8601. */
export const partitions = ["day", "week", "month", "year"] as const;

export type Partition = (typeof partitions)[number];
