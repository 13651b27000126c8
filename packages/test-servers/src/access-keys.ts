/** The keys that a client signs requests with. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
