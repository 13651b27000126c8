export type { S3ConnectionOptions, S3Encryption, S3RemoteOptions, S3StoreOptions, S3WriteOptions } from "./s3-options.js";
export { S3Remote } from "./s3-remote.js";
export { S3Store } from "./s3-store.js";
