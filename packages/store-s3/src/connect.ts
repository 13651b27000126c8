import { S3Client } from "@aws-sdk/client-s3";
import type { S3ConnectionOptions } from "./s3-options.js";

/** How long nothing may come over an open connection before it counts as dead. */
const idleMs = 45_000;
const connectMs = 5_000;
const maxSockets = 128;

/** The client the options ask for. Makes no request: credentials and region are looked for by the first one. */
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

/** Host and port of the service, as far as they are known; for messages and for telling services apart. */
export async function hostOf(client: S3Client): Promise<string> {
  const endpoint = await client.config.endpoint?.();
  if (endpoint !== undefined) return endpoint.port === undefined ? endpoint.hostname : `${endpoint.hostname}:${endpoint.port}`;
  // The SDK reads these by itself and does not show it.
  const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: ofAll } = process.env;
  const told = ofS3 ?? ofAll;
  if (told !== undefined && URL.canParse(told)) return new URL(told).host;
  const region = await regionOf(client);
  return region === undefined ? "amazonaws.com" : `s3.${region}.amazonaws.com`;
}

/** The region that is asked; undefined where none is configured. */
export async function regionOf(client: S3Client): Promise<string | undefined> {
  return client.config.region().catch(() => undefined);
}
