import { pino } from "pino";

import type { Logger } from "../loop/ports.ts";

/** Names under which a secret could reach a log by accident, at any of the depths that we log. */
const secretFields = ["accessToken", "refreshToken", "apiSecret", "authorization", "hmac"];

/**
 * Writes JSON lines to standard output, each with the process's name. An `error` field keeps its
 * message, stack and cause.
 */
export function createLogger(options: {
  readonly level: string;
  readonly processName: string;
}): Logger {
  const log = pino({
    level: options.level,
    base: { process: options.processName },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
    redact: secretFields.flatMap((field) => [field, `*.${field}`]),
  });
  return {
    debug: (fields, message) => {
      log.debug(fields, message);
    },
    info: (fields, message) => {
      log.info(fields, message);
    },
    warn: (fields, message) => {
      log.warn(fields, message);
    },
    error: (fields, message) => {
      log.error(fields, message);
    },
  };
}
