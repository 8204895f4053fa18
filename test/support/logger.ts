import type { Logger } from "#app/loop/ports.ts";

export type LoggedLine = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** A log that is kept, so that a test can say what must, and what must not, have been logged. */
export function aLogger(): Logger & { readonly lines: readonly LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const keep =
    (level: LoggedLine["level"]): Logger["info"] =>
    (fields, message) => {
      lines.push({ level, fields, message });
    };
  return {
    lines,
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
}
