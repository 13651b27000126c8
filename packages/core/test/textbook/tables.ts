import { source, t } from "../../src/index.js";
import { minute, numbersFrom, type Table } from "./textbook.js";

export const payments = source({
  name: "payments",
  path: "payments.parquet",
  columns: {
    card: t.string({ nullable: false }),
    at: t.timestamp({ nullable: false }),
    id: t.int64({ nullable: false }),
    amount: t.float64(),
    merchant: t.string(),
    country: t.string(),
    home: t.string(),
    declined: t.boolean(),
  },
  timestamp: "at",
});

export const lines = source({
  name: "lines",
  path: "lines.parquet",
  columns: {
    customer: t.string({ nullable: false }),
    at: t.timestamp({ nullable: false }),
    id: t.int64({ nullable: false }),
    basket: t.int64(),
    product: t.string({ nullable: false }),
    category: t.string(),
    quantity: t.int64(),
    price: t.decimal(10, 2),
    returned: t.boolean(),
  },
  timestamp: "at",
});

export const touches = source({
  name: "touches",
  path: "touches.parquet",
  columns: {
    visitor: t.string({ nullable: false }),
    at: t.timestamp({ nullable: false }),
    id: t.int64({ nullable: false }),
    campaign: t.string({ nullable: false }),
    channel: t.string(),
    action: t.string(),
    cost: t.float64(),
    revenue: t.float64(),
  },
  timestamp: "at",
});

const days = 24 * 60;
const next = numbersFrom(7);
const oneOf = (...values: readonly (string | null)[]): string | null => values[next(values.length)] ?? null;
/** A few times are the same. */
const times = (count: number, span: number): readonly string[] => Array.from({ length: count }, () => minute(5 * next(span / 5)));

export const paymentRows: Table = {
  source: payments,
  rows: times(160, 40 * days).map((at, id) => ({
    card: `c${next(6)}`,
    at,
    id: String(id),
    amount: next(12) === 0 ? null : String(next(4000) / 4),
    merchant: oneOf("m1", "m2", "m3", "m4", null),
    country: oneOf("DE", "DE", "DE", "FR", "US", null),
    home: "DE",
    declined: oneOf("false", "false", "false", "true", null),
  })),
};

export const lineRows: Table = {
  source: lines,
  rows: times(160, 60 * days).map((at, id) => ({
    customer: `k${next(8)}`,
    at,
    id: String(id),
    basket: String(next(90)),
    product: `p${next(10)}`,
    category: oneOf("food", "toys", "books", null),
    quantity: String(1 + next(5)),
    price: `${next(90)}.${10 + next(90)}`,
    returned: oneOf("false", "false", "false", "true"),
  })),
};

export const touchRows: Table = {
  source: touches,
  rows: times(200, 20 * days).map((at, id) => ({
    visitor: `v${next(12)}`,
    at,
    id: String(id),
    campaign: `a${next(4)}`,
    channel: oneOf("email", "search", "social", null),
    action: oneOf("view", "view", "view", "click", "click", "buy"),
    cost: String(next(100) / 4),
    revenue: next(3) === 0 ? String(next(1000) / 4) : null,
  })),
};
