// Puts an object, and writes "ok" or the error. Node reads NODE_EXTRA_CA_CERTS only when it starts.
import { S3Store } from "@mlforge/store-s3";

const [endpoint] = process.argv.slice(2);
const store = new S3Store({ bucket: "bucket", endpoint, retryTimeout: 1_000 });
const said = await store.put("key", Buffer.from("text")).then(
  () => "ok",
  (error) => `${error.code} ${error.message}`,
);
process.stdout.write(said);
await store[Symbol.asyncDispose]();
