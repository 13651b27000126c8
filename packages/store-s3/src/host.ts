import type { S3Client } from "@aws-sdk/client-s3";

/** Returns the host and port of the service, as far as known, for messages and to distinguish services. */
export async function hostOf(client: S3Client): Promise<string> {
  const endpoint = await client.config.endpoint?.();
  if (endpoint !== undefined) return endpoint.port === undefined ? endpoint.hostname : `${endpoint.hostname}:${endpoint.port}`;
  // The SDK reads these itself and does not expose them.
  const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: ofAll } = process.env;
  const told = ofS3 ?? ofAll;
  if (told !== undefined && URL.canParse(told)) return new URL(told).host;
  const region = await regionOf(client);
  return region === undefined ? "amazonaws.com" : `s3.${region}.amazonaws.com`;
}

/** Returns the configured region, if any. */
export async function regionOf(client: S3Client): Promise<string | undefined> {
  return client.config.region().catch(() => undefined);
}
