const customers = ["ada", "ben", "cleo", "dora", "emil", "fay", "gus", "hana"];
const rows = 400;
const start = Date.UTC(2026, 0, 1, 8);

/** Returns orders of a shop over about two months as CSV. Every project gets the same orders. */
export function sampleOrders(): string {
  const next = sequence();
  let at = start;
  const lines = Array.from({ length: rows }, (_, index) => {
    at += (1 + next(420)) * 60_000;
    const customer = customers[Math.min(next(customers.length), next(customers.length))];
    const cents = 500 + next(20_000);
    return `${index + 1},${new Date(at).toISOString().slice(0, 19)}Z,${customer},${(cents / 100).toFixed(2)}`;
  });
  return `${["order_id,ordered_at,customer,amount", ...lines].join("\n")}\n`;
}

/** Generates integers below a limit with the minimal standard generator of Park and Miller. */
function sequence(): (below: number) => number {
  let state = 20_260_101;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
