import { fileURLToPath } from "node:url";
import type { AccessKeys } from "./access-keys.js";
import { python } from "./python.js";
import { ServerProcess } from "./server-process.js";

/** A running server of moto: AWS in one process, with a state of its own. */
export interface Moto extends AsyncDisposable {
  readonly endpoint: string;
}

/** A moto that answers 403 to whatever its user's policy does not allow. */
export interface MotoWithIam extends Moto {
  /** Makes a user with one inline policy, which is a policy document as JSON. */
  createUser(name: string, policy: object): Promise<AccessKeys>;
}

/**
 * Starts moto on a free port of 127.0.0.1. Unless `iam` is true it takes any keys and allows everything. With `iam` it verifies signatures
 * and policies; it still does not evaluate conditions in policies, checksums and clock skew, and presigned URLs answer 500.
 */
export function startMoto(options: { readonly iam: true }): Promise<MotoWithIam>;
export function startMoto(options?: { readonly iam?: false }): Promise<Moto>;
export async function startMoto({ iam = false }: { readonly iam?: boolean } = {}): Promise<Moto | MotoWithIam> {
  const script = fileURLToPath(new URL("../moto/serve.py", import.meta.url));
  const server = new ServerProcess(python(), [script, ...(iam ? ["iam"] : [])]);
  try {
    const [, port] = await server.printed(/^listening on (\d+)\s/m);
    const endpoint = `http://127.0.0.1:${port}`;
    return {
      endpoint,
      ...(iam ? { createUser: (name: string, policy: object) => createUser(endpoint, server, { name, policy }) } : {}),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function createUser(endpoint: string, server: ServerProcess, user: { name: string; policy: object }): Promise<AccessKeys> {
  const response = await fetch(`${endpoint}/test-servers/users`, { method: "POST", body: JSON.stringify(user) });
  if (!response.ok) throw server.failure(`it made no user ${user.name}`);
  return accessKeys(await response.json());
}

function accessKeys(parsed: unknown): AccessKeys {
  if (typeof parsed === "object" && parsed !== null && "accessKeyId" in parsed && "secretAccessKey" in parsed) {
    const { accessKeyId, secretAccessKey } = parsed;
    if (typeof accessKeyId === "string" && typeof secretAccessKey === "string") return { accessKeyId, secretAccessKey };
  }
  throw new Error(`not access keys: ${JSON.stringify(parsed)}`);
}
