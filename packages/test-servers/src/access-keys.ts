/** What a client signs its requests with. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
