import { source, t } from "../../src/index.js";
import { from, sameRows, type Table } from "./textbook.js";

const loans = source({ name: "loans", path: "loans.parquet", columns: { id: t.int64(), due: t.date(), paid: t.date() }, static: true });
const dates = ["0001-01-01", "1969-12-31", "1970-01-01", "2023-02-28", "2024-02-29", "2024-03-01", "9999-12-31", null];
const loanRows: Table = {
  source: loans,
  rows: dates.flatMap((due, a) => dates.map((paid, b) => ({ id: String(a * dates.length + b), due, paid }))),
};

sameRows(
  "credit: days past due, over all dates that there are",
  [loanRows],
  from(loans).derive(({ due, paid }) => ({ days_past_due: due.daysUntil(paid), age: due.daysUntil(new Date("2024-03-01")) })),
  "SELECT *, paid - due AS days_past_due, DATE '2024-03-01' - due AS age FROM loans",
);
