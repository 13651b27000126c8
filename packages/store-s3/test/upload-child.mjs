/** Uploads a file in parts to a bucket. With `KILL_AFTER_BEGIN`, is killed when it is about to send the first part. */
import { S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { S3Store } from "@mlforge/store-s3";

const [endpoint, bucket, file] = process.argv.slice(2);
const { send } = S3Client.prototype;
S3Client.prototype.send = function (command, ...rest) {
  if (process.env.KILL_AFTER_BEGIN !== undefined && command instanceof UploadPartCommand) process.kill(process.pid, "SIGKILL");
  return send.call(this, command, ...rest);
};
const store = new S3Store({ endpoint, bucket, region: "us-east-1", forcePathStyle: true, partSize: 5 * 1_024 ** 2 });
await store.put("large", { file });
await store[Symbol.asyncDispose]();
