import { S3Client } from "@aws-sdk/client-s3";
import { makePatient } from "./patient-client.js";
import type { S3ConnectionOptions } from "./s3-options.js";
import { timeoutsOf } from "./timeouts.js";

const maxSockets = 128;

/** Creates the client for the options. Makes no request: the first one finds credentials and region. */
export function connect(options: S3ConnectionOptions): S3Client {
  const { endpoint, region, accelerate, dualStack } = options;
  const own = endpoint !== undefined;
  const asked = region ?? (own ? (process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1") : undefined);
  const timeouts = timeoutsOf(options);
  const client = new S3Client({
    followRegionRedirects: true,
    forcePathStyle: options.forcePathStyle ?? own,
    requestHandler: {
      connectionTimeout: timeouts.connect,
      // Ends a download whose reader pauses. The client has deadlines of its own.
      socketTimeout: 0,
      httpAgent: { maxSockets, keepAlive: true },
      httpsAgent: { maxSockets, keepAlive: true },
    },
    ...(asked === undefined ? {} : { region: asked }),
    ...(own ? { endpoint } : {}),
    ...(accelerate === undefined ? {} : { useAccelerateEndpoint: accelerate }),
    ...(dualStack === undefined ? {} : { useDualstackEndpoint: dualStack }),
  });
  makePatient(client, timeouts);
  return client;
}
