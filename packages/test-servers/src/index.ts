export type { AccessKeys } from "./access-keys.js";
export { type ServerName, whatIsMissing } from "./availability.js";
export { describeWith } from "./describe-with.js";
export { type Moto, type MotoWithIam, startMoto } from "./moto.js";
export { type Postgres, startPostgres } from "./postgres.js";
export { type Radosgw, startRadosgw } from "./radosgw.js";
export { runPython } from "./run-python.js";
