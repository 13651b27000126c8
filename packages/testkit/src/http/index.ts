export { faultAt, randomFaults } from "./deciders.js";
export type { Decide, Fault, ProxyRequest, RecordedRequest } from "./fault.js";
export { type FaultProxy, faultProxy } from "./fault-proxy.js";
