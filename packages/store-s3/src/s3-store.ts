import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import {
  type CallOptions,
  type CopyOptions,
  type GetOptions,
  type GetResult,
  type Leftover,
  type ListEntry,
  type ListOptions,
  MlforgeError,
  type ObjectInfo,
  type PermissionCheck,
  type PutBody,
  type PutOptions,
  type Remote,
  type Store,
  type StoreCapabilities,
  type StoredObject,
} from "@mlforge/spec";
import { type BucketLocation, objectKey, storeName, urlOf } from "./bucket-location.js";
import { Buckets } from "./buckets.js";
import { checkStoreOptions } from "./check-options.js";
import { serviceClock } from "./clock.js";
import { heldByThisProcess, type PutIf, serviceConditions } from "./conditions.js";
import { connect } from "./connect.js";
import { copyObject } from "./copy-object.js";
import { type CopySettings, copyPartBytes } from "./copy-settings.js";
import { probeCopySource, probeCopyTarget } from "./copy-support.js";
import { diagnose } from "./diagnose.js";
import { inTurn } from "./key-queue.js";
import { findLeftovers } from "./leftovers.js";
import { listObjects } from "./list-objects.js";
import { type PutSettings, putSettings } from "./put-settings.js";
import { getObject, headObject } from "./read-object.js";
import { type Doing, translated } from "./s3-error.js";
import { isMissingKey } from "./s3-fault.js";
import type { S3StoreOptions } from "./s3-options.js";
import { writeObject } from "./write-object.js";
import { once, writeProbe } from "./write-probe.js";

/**
 * A store in a bucket of S3 or a compatible service. Each object is stored under its key, below a prefix.
 *
 * Makes no request until it is used. Before its first conditional put, it tests that the service supports conditions. The
 * folder `.mlforge` below its prefix is private to it. Disposing of it closes its connections, except those of a given `client`.
 *
 * @throws USAGE_INVALID, which names the invalid option
 *
 * @example
 * const store = new S3Store({ bucket: "mlforge-features", prefix: "prod/features" });
 */
export class S3Store implements Store {
  readonly specVersion = 1;
  readonly name: string = storeName;
  readonly capabilities: StoreCapabilities;
  readonly #place: BucketLocation;
  readonly #settings: PutSettings;
  readonly #probe: ReturnType<typeof writeProbe>;
  readonly #putIf: PutIf;
  readonly #copySettings: CopySettings;
  readonly #singleWriter: boolean;
  readonly #ownsClient: boolean;
  /** Opens any bucket that this client reaches, as `s3://bucket/key`, with the same credentials and settings. */
  readonly remote: Remote;

  constructor(options: S3StoreOptions) {
    const { prefix } = checkStoreOptions(options);
    const { bucket, writeOnly = false, singleWriter = false } = options;
    const client = options.client ?? connect(options);
    this.#ownsClient = options.client === undefined;
    this.#place = { client, bucket, prefix };
    this.#settings = putSettings(options);
    this.#singleWriter = singleWriter;
    this.#probe = writeProbe(this.#place, !writeOnly, this.#settings.headers);
    this.#putIf = singleWriter ? heldByThisProcess : serviceConditions(this.#probe);
    const { headers } = this.#settings;
    this.#copySettings = {
      ...this.#settings,
      partBytes: copyPartBytes,
      copyIf: singleWriter ? heldByThisProcess : serviceConditions(once(() => probeCopyTarget(this.#place, headers))),
      proveSource: singleWriter ? async () => {} : once(() => probeCopySource(this.#place, headers)),
    };
    this.capabilities = { conditionalPut: "full", workingTree: false, readable: !writeOnly };
    const { sse, storageClass, partSize, concurrency } = options;
    this.remote = new Buckets((name) => new S3Store({ bucket: name, client, sse, storageClass, partSize, concurrency, singleWriter }));
  }

  /** Reads from the bucket. @throws STORE_NOT_FOUND, CAPABILITY_MISSING with `writeOnly` */
  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo> {
    this.#checkReadable("head", key);
    return headObject(this.#doing("head", key), options);
  }

  /** Reads from the bucket. @throws STORE_NOT_FOUND, CAPABILITY_MISSING with `writeOnly` */
  async get(key: string, options: GetOptions = {}): Promise<GetResult> {
    this.#checkReadable("get", key);
    return getObject(this.#doing("get", key), options);
  }

  /**
   * Sends a file larger than `partSize` in parts, or, with a condition, in one request of at most 5 GiB.
   *
   * @throws CAPABILITY_MISSING if the service does not support conditions, TypeError for a file that does not exist
   */
  async put(key: string, body: PutBody, options: PutOptions = {}): Promise<StoredObject> {
    const write = (): Promise<StoredObject> => writeObject(this.#doing("put", key), body, options, this.#settings, this.#putIf);
    return this.#exclusively(key, write);
  }

  /**
   * Copies inside the service. Copies an object larger than 512 MiB in parts, or, with `ifAbsent`, in one request of at most 5 GiB. Needs
   * s3:GetObject for the source and s3:PutObject for the target.
   *
   * @throws CAPABILITY_MISSING if the service does not support the condition for copies, which the store tests before the first one; also with
   * `writeOnly`
   */
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<StoredObject> {
    this.#checkReadable("copy", from);
    const copy = (): Promise<StoredObject> => copyObject(this.#doing("copy", to), from, options, this.#copySettings);
    // In one order, so that copies in both directions do not wait for each other.
    const [first = to, second] = [...new Set([from, to])].sort();
    return this.#exclusively(first, () => (second === undefined ? copy() : this.#exclusively(second, copy)));
  }

  async delete(key: string, { signal }: CallOptions = {}): Promise<void> {
    const { client, bucket: Bucket } = this.#place;
    const command = new DeleteObjectCommand({ Bucket, Key: objectKey(this.#place, key) });
    const send = (): Promise<unknown> =>
      client.send(command, signal === undefined ? {} : { abortSignal: signal }).catch((error: unknown) => {
        if (!isMissingKey(error)) throw error;
      });
    await this.#exclusively(key, () => translated(this.#doing("delete", key), signal, send));
  }

  /** Lists in the order of the service. Directory buckets of S3 Express have no order and cannot hold a store. */
  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListEntry, void, undefined> {
    yield* listObjects(this.#doing("list", prefix), options);
  }

  /** Returns `s3://bucket/key`, with the key unchanged. */
  locate(key: string): string {
    objectKey(this.#place, key);
    return urlOf(this.#place, key);
  }

  /** Tests that the service supports conditions, unless a record of an earlier test is in the bucket. Does nothing with `singleWriter`. */
  async checkConditionalPut({ signal }: CallOptions = {}): Promise<void> {
    if (!this.#singleWriter) await this.#probe(signal);
  }

  /** Tests listing, getting, putting, conditions, deleting, and aborting an upload in parts, with probes below `.mlforge/probes/`. */
  async diagnose({ signal }: CallOptions = {}): Promise<readonly PermissionCheck[]> {
    return diagnose(this.#place, this.#settings.headers, this.#singleWriter, signal);
  }

  /** Returns the time of the service, from one of its answers. */
  async clock({ signal }: CallOptions = {}): Promise<Date> {
    return serviceClock(this.#place, signal);
  }

  /**
   * Finds uploads in parts that killed processes of this machine recorded, and uploads and probes of any machine that have shown no sign of life for a
   * day, by the clock of the service. For other machines, it needs s3:ListBucketMultipartUploads and s3:ListMultipartUploadParts, and skips what is denied.
   */
  async leftovers({ signal }: CallOptions = {}): Promise<readonly Leftover[]> {
    return findLeftovers(this.#place, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remote[Symbol.asyncDispose]();
    if (this.#ownsClient) this.#place.client.destroy();
  }

  #doing(operation: Doing["operation"], key: string): Doing {
    return { operation, key, place: this.#place };
  }

  #exclusively<T>(key: string, write: () => Promise<T>): Promise<T> {
    return this.#singleWriter ? inTurn(urlOf(this.#place, key), write) : write();
  }

  #checkReadable(operation: string, key: string): void {
    if (this.capabilities.readable) return;
    const message = `${operation} of ${urlOf(this.#place, key)} needs to read, but the store is writeOnly; remove that option to read`;
    throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: storeName, capability: "readable" });
  }
}
