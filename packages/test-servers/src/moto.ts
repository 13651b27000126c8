import { fileURLToPath } from "node:url";
import type { AccessKeys } from "./access-keys.js";
import { python } from "./python.js";
import { ServerProcess } from "./server-process.js";

/** A running moto server: AWS in one process, with its own state. */
export interface Moto extends AsyncDisposable {
  readonly endpoint: string;
}

/** A moto server that answers 403 to everything the user's policy does not allow. */
export interface MotoWithIam extends Moto {
  /** Creates a user with one inline policy, given as a JSON policy document. */
  createUser(name: string, policy: object): Promise<AccessKeys>;
}

/**
 * Starts moto on a free port of 127.0.0.1. Without `iam`, it accepts any keys and allows everything. With `iam`, it verifies signatures
 * and policies, but not conditions in policies, checksums, or clock skew, and presigned URLs answer 500.
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
  if (!response.ok) throw server.failure(`it did not create the user ${user.name}`);
  return accessKeys(await response.json());
}

function accessKeys(parsed: unknown): AccessKeys {
  if (typeof parsed === "object" && parsed !== null && "accessKeyId" in parsed && "secretAccessKey" in parsed) {
    const { accessKeyId, secretAccessKey } = parsed;
    if (typeof accessKeyId === "string" && typeof secretAccessKey === "string") return { accessKeyId, secretAccessKey };
  }
  throw new Error(`not access keys: ${JSON.stringify(parsed)}`);
}
