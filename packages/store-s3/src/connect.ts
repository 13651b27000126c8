import { S3Client } from "@aws-sdk/client-s3";
import type { S3ConnectionOptions } from "./s3-options.js";

/** The time, in milliseconds, after which a silent connection counts as dead. */
const idleMs = 45_000;
const connectMs = 5_000;
const maxSockets = 128;

/** Creates the client for the options. Makes no request: the first one finds credentials and region. */
export function connect(options: S3ConnectionOptions): S3Client {
  const { endpoint, region, accelerate, dualStack } = options;
  const own = endpoint !== undefined;
  const asked = region ?? (own ? (process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1") : undefined);
  return new S3Client({
    followRegionRedirects: true,
    forcePathStyle: options.forcePathStyle ?? own,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: idleMs,
      httpAgent: { maxSockets, keepAlive: true },
      httpsAgent: { maxSockets, keepAlive: true },
    },
    ...(asked === undefined ? {} : { region: asked }),
    ...(own ? { endpoint } : {}),
    ...(accelerate === undefined ? {} : { useAccelerateEndpoint: accelerate }),
    ...(dualStack === undefined ? {} : { useDualstackEndpoint: dualStack }),
  });
}

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
