import type { PermissionCheck } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { accept, answeringServer, probing, refuse } from "./answering-server.js";

const parts = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
const objects = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

function conditions(checks: readonly PermissionCheck[]): PermissionCheck | undefined {
  return checks.find(({ action }) => action === "conditional writes");
}

/** A service in which everything is permitted and no condition holds. */
const permissive: Parameters<typeof answeringServer>[0] = ({ method, url }, response) => {
  if (method === "PUT") return accept(response);
  response.end(url.includes("uploads") ? parts : url.includes("list-type") ? objects : "p");
};

describe("whether a service holds the conditions of writes is diagnosed", () => {
  it("as denied where it ignores them, however permitted writes are", async () => {
    const { store } = await answeringServer(permissive);
    const checks = await store.diagnose();
    expect(conditions(checks)).toMatchObject({
      outcome: "denied",
      neededFor: ["build"],
      message: expect.stringMatching(/let 8 of 8 racing creations of one object succeed.*singleWriter: true/),
    });
    expect(checks.filter(({ outcome }) => outcome !== "allowed")).toHaveLength(1);
  });

  it("and is needed for nothing where one process alone writes", async () => {
    const { store } = await answeringServer(permissive, { singleWriter: true });
    expect(conditions(await store.diagnose())).toMatchObject({ outcome: "denied", neededFor: [] });
  });

  it("as allowed where it holds them", async () => {
    const { store } = await answeringServer(probing(permissive));
    expect(conditions(await store.diagnose())).toMatchObject({ outcome: "allowed", neededFor: ["build"] });
  });

  it("as unknown where nothing may be put", async () => {
    const { store } = await answeringServer((entry, response, request) =>
      entry.method === "PUT" ? refuse(response, 403, "AccessDenied") : permissive(entry, response, request),
    );
    expect(conditions(await store.diagnose())).toMatchObject({ outcome: "unknown", neededFor: ["build"] });
  });
});
