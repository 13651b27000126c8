export type { ServerName } from "./availability.js";
export { describeWith } from "./describe-with.js";
export { type AccessKeys, type Moto, type MotoWithIam, startMoto } from "./moto.js";
