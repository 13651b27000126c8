import type { PutIf } from "./conditions.js";
import type { PutSettings } from "./put-settings.js";
import type { Probe } from "./write-probe.js";

/** How a store copies. */
export interface CopySettings extends Pick<PutSettings, "headers" | "concurrency"> {
  /** The size from which objects are copied in parts, and the size of a part, in bytes. */
  readonly partBytes: number;
  readonly copyIf: PutIf;
  /** Tests that the service honors the condition on the source. @throws CAPABILITY_MISSING */
  readonly proveSource: Probe<void>;
}

/** S3 copies up to 5 GiB in one request. Such a request can take minutes without an answer, and connections that are silent for so long are dropped. */
export const copyPartBytes: number = 512 * 1_024 ** 2;
