import { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { Contact } from "./contact.js";
import { Countdown } from "./countdown.js";
import { foreignAnswer } from "./foreign-answer.js";
import { checkEndpoint, formatSeconds, NoAnswer } from "./no-answer.js";
import { inPieces } from "./sent-pieces.js";
import { showRetry } from "./show-retry.js";
import type { Timeouts } from "./timeouts.js";
import { watchBody } from "./watch-body.js";

/** A request as the SDK hands it to the connection. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  body?: unknown;
  clone(): Request;
}

interface Options {
  readonly abortSignal?: unknown;
}

interface Result {
  readonly response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>>; body?: unknown };
}

type Handle = (request: Request, options?: Options) => Promise<Result>;

/**
 * Makes a client apply the timeouts to all its requests, and refuse answers that are not from S3. The SDK's own timeouts start again at each byte, and
 * each of its retries has all of them again.
 */
export function makePatient(client: S3Client, timeouts: Timeouts): void {
  const contact = new Contact(timeouts);
  const { requestHandler, retryStrategy } = client.config;
  const handle: Handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request: Request, options: Options = {}) => send(handle, request, options, contact, timeouts);
  client.config.retryStrategy = async () => {
    const strategy = await retryStrategy();
    if (!("refreshRetryTokenForRetry" in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      recordSuccess: (token) => strategy.recordSuccess(token),
      refreshRetryTokenForRetry: async (token, info) => {
        // The SDK then throws the error of the request.
        if (contact.isLost) throw new Error("the time for retries is used up");
        const next = await strategy.refreshRetryTokenForRetry(token, info);
        await showRetry(client, info.error);
        return next;
      },
    };
  };
}

async function send(handle: Handle, request: Request, options: Options, contact: Contact, timeouts: Timeouts): Promise<Result> {
  const patience = contact.patience();
  if (patience === 0) throw noAnswer("did not answer an earlier request", contact, timeouts);
  const startedAt = performance.now();
  const allowed = isSlow(request) ? timeouts.copy : patience;
  const silence = (): NoAnswer => {
    contact.failed(startedAt);
    return noAnswer(`gave no complete answer within ${formatSeconds(allowed)}`, contact, timeouts);
  };
  const ending = new AbortController();
  const given = options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
  const abortSignal = given === undefined ? ending.signal : AbortSignal.any([given, ending.signal]);
  const deadline = new Countdown();
  const { size, body } = bodyOf(request, (isLast) => {
    // Some of what was sent still waits in this machine.
    deadline.start(isLast ? Math.max(allowed, Math.min(size / slowestBytesPerMs, timeouts.retry)) : allowed);
  });
  const asked = request.clone();
  asked.body = body;
  deadline.start(allowed);
  try {
    const answering = handle(asked, { ...options, abortSignal });
    const result = await Promise.race([answering, deadline.ended]);
    if (result !== undefined) return checked(request, result, { patience: allowed, onProgress: () => contact.answered(), silence });
    ending.abort();
    answering.catch(() => {});
    throw silence();
  } catch (error) {
    if (error instanceof NoAnswer || given?.aborted === true) throw error;
    contact.failed(startedAt);
    // The only timeout that the handler itself has.
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    throw isTimeout ? noAnswer(`accepted no connection within ${formatSeconds(timeouts.connect)}`, contact, timeouts) : error;
  } finally {
    deadline.stop();
    if (body instanceof Readable && body !== request.body) body.destroy();
  }
}

/** A body that is sent more slowly than this is waited for no longer than for retries: 64 KiB per second. */
const slowestBytesPerMs = 65_536 / 1_000;

/** Returns the body of a request, in pieces if it is large, so that each shows that the service still takes bytes. */
function bodyOf(request: Request, onPiece: (isLast: boolean) => void): { readonly size: number; readonly body: unknown } {
  const { body } = request;
  const size = Number(request.headers["content-length"] ?? 0);
  const isLarge = body instanceof Readable || (body instanceof Uint8Array && body.length > leastPieced);
  return { size, body: isLarge ? Readable.from(inPieces(body, onPiece), { objectMode: false }) : body };
}

const leastPieced = 65_536;

/** Returns true for requests that S3 answers only when it has copied or joined gigabytes. */
function isSlow({ method, headers, query }: Request): boolean {
  return headers["x-amz-copy-source"] !== undefined || (method === "POST" && query.uploadId !== undefined);
}

interface Steadiness {
  readonly patience: number;
  readonly onProgress: () => void;
  readonly silence: () => NoAnswer;
}

/** Returns the answer, whose body fails if it comes too slowly. Throws if the answer is not from S3. */
function checked(request: Request, result: Result, steadiness: Steadiness): Result {
  const { response } = result;
  const { statusCode: status, headers } = response;
  const foreign = foreignAnswer({ method: request.method, path: request.path, status, headers });
  if (foreign !== undefined) {
    if (response.body instanceof Readable) response.body.destroy();
    throw new NoAnswer(`answered with ${foreign}, so it is not S3`, { advice: checkEndpoint, gaveUp: true });
  }
  const isEmpty = request.method === "HEAD" || status === 204 || headers["content-length"] === "0";
  if (isEmpty) steadiness.onProgress();
  else if (response.body instanceof IncomingMessage) watchBody(response.body, steadiness);
  return result;
}

function noAnswer(what: string, contact: Contact, timeouts: Timeouts): NoAnswer {
  if (!contact.isLost) return new NoAnswer(what, { gaveUp: false });
  const advice = "check that the endpoint is right and reachable, or raise the retryTimeout of the store";
  return new NoAnswer(`has given no complete answer for ${formatSeconds(timeouts.retry)}`, { advice, gaveUp: true });
}
