import { z } from "zod";

/** What web and worker are told from outside, checked. */
export type Settings = {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Where Shopify and browsers reach this app; without a slash at its end. */
  readonly appUrl: string;
  readonly scopes: readonly string[];
  /** Null: an embedded PostgreSQL serves. */
  readonly databaseUrl: string | null;
  /** Empty: PostgreSQL's advisory locks serve. */
  readonly redisUrls: readonly string[];
  /** Empty only where a key of this checkout's own may serve: the app is reached on this machine alone. */
  readonly tokenKeys: readonly string[];
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly sweepIntervalMs: number;
  /** A stand-in for Shopify on this machine; null for Shopify itself. */
  readonly shopifySimUrl: string | null;
  readonly isProduction: boolean;
};

export type LogLevel = (typeof logLevels)[number];

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** All that is wrong with the settings, a sentence each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["The settings need attention:", ...problems.map((text) => `- ${text}`)].join("\n"));
    this.problems = problems;
  }
}

/** More often than once a second would spend the stores' API budget on reading what webhooks tell. */
const sweepIntervalMinMs = 1_000;
const sweepIntervalStandardMs = 60_000;
const portStandard = 3_000;

/** Redlock's majority of an even number of nodes can tie, and a tie is waited out for ever. */
const redisCounts: readonly number[] = [0, 1, 3, 5];

/** An empty setting is one that was not made: `.env.example` lists them all. */
const emptyIsMissing = (value: unknown) =>
  typeof value === "string" && value.trim() === "" ? undefined : value;

const optionalText = z.preprocess(emptyIsMissing, z.string().trim().optional());

const requiredText = (sentence: string) =>
  z.preprocess(emptyIsMissing, z.string({ error: sentence }).trim());

const list = z
  .preprocess(emptyIsMissing, z.string().optional())
  .transform((text) => (text ?? "").split(",").map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ""));

const wholeNumber = (standard: number, minimum: number, maximum: number, sentence: string) =>
  z.preprocess(
    emptyIsMissing,
    z.coerce
      .number({ error: sentence })
      .int({ error: sentence })
      .min(minimum, { error: sentence })
      .max(maximum, { error: sentence })
      .default(standard),
  );

const SettingsText = z.object({
  NODE_ENV: optionalText,
  SHOPIFY_API_KEY: requiredText("SHOPIFY_API_KEY is missing: it is the app's client ID."),
  SHOPIFY_API_SECRET: requiredText("SHOPIFY_API_SECRET is missing: it is the app's secret."),
  SHOPIFY_APP_URL: optionalText,
  HOST: optionalText,
  APP_URL: optionalText,
  SCOPES: list,
  DATABASE_URL: optionalText.refine((url) => url === undefined || isPostgresUrl(url), {
    error: "DATABASE_URL must be the address of a PostgreSQL database, or empty.",
  }),
  REDIS_URLS: list
    .refine((urls) => urls.every(isRedisUrl), {
      error: "REDIS_URLS must be redis:// or rediss:// addresses, comma separated, or empty.",
    })
    .refine((urls) => new Set(urls.map(normalizedUrl)).size === urls.length, {
      error: "REDIS_URLS names a node twice: a majority of one node is none.",
    })
    .refine((urls) => redisCounts.includes(urls.length), {
      error:
        "REDIS_URLS must name 1, 3 or 5 independent nodes: a lock is held by a majority, " +
        "and an even number can tie.",
    }),
  TOKEN_KEYS: list.refine((keys) => keys.every(isTokenKey), {
    error:
      "TOKEN_KEYS must be the base64 of 32 bytes each, comma separated. " +
      "Make one with `openssl rand -base64 32`.",
  }),
  PORT: wholeNumber(portStandard, 1, 65_535, "PORT must be a whole number from 1 to 65535."),
  LOG_LEVEL: z.preprocess(
    emptyIsMissing,
    z
      .enum(logLevels, { error: `LOG_LEVEL must be one of ${logLevels.join(", ")}.` })
      .default("info"),
  ),
  SWEEP_INTERVAL_MS: wholeNumber(
    sweepIntervalStandardMs,
    sweepIntervalMinMs,
    24 * 60 * 60_000,
    `SWEEP_INTERVAL_MS must be a whole number of milliseconds, at least ${sweepIntervalMinMs}.`,
  ),
  SHOPIFY_SIM_URL: optionalText,
});

/** Takes the settings of `.env` in the working directory, if there is one; what is set already stays. */
export function loadEnvironmentFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * Reads and checks the settings of web and worker, all of them at once.
 * @throws SettingsError naming every setting that is missing or wrong.
 */
export function readSettings(env: Environment = process.env): Settings {
  const parsed = SettingsText.safeParse(env);
  const appUrl = readAppUrl(env);
  const problems = [
    ...(parsed.error?.issues.map(({ message }) => message) ?? []),
    ...appUrl.problems,
    ...simProblems(env.SHOPIFY_SIM_URL?.trim() ?? "", appUrl.url),
    ...tokenKeyProblems(env.TOKEN_KEYS?.trim() ?? "", appUrl.url),
  ];
  if (!parsed.success || appUrl.url === null || problems.length > 0) {
    throw new SettingsError(problems);
  }

  const found = parsed.data;
  return {
    apiKey: found.SHOPIFY_API_KEY,
    apiSecret: found.SHOPIFY_API_SECRET,
    appUrl: withoutSlash(appUrl.url),
    scopes: found.SCOPES,
    databaseUrl: found.DATABASE_URL ?? null,
    redisUrls: found.REDIS_URLS,
    tokenKeys: found.TOKEN_KEYS,
    port: found.PORT,
    logLevel: found.LOG_LEVEL,
    sweepIntervalMs: found.SWEEP_INTERVAL_MS,
    shopifySimUrl: found.SHOPIFY_SIM_URL ? withoutSlash(new URL(found.SHOPIFY_SIM_URL)) : null,
    isProduction: found.NODE_ENV === "production",
  };
}

function normalizedUrl(url: string): string {
  return URL.canParse(url) ? withoutSlash(new URL(url)) : url;
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(url: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

type Environment = Readonly<Record<string, string | undefined>>;

function readAppUrl(env: Environment): {
  readonly url: URL | null;
  readonly problems: readonly string[];
} {
  const names = ["SHOPIFY_APP_URL", "HOST", "APP_URL"] as const;
  const name = names.find((candidate) => (env[candidate] ?? "").trim() !== "");
  if (!name) {
    const problem = "SHOPIFY_APP_URL is missing: it is where Shopify reaches this app.";
    return { url: null, problems: [problem] };
  }
  const url = parseUrl((env[name] ?? "").trim(), ["http:", "https:"]);
  const problem = `${name} must be an http or https address.`;
  return url ? { url, problems: [] } : { url: null, problems: [problem] };
}

/** A stand-in may answer for Shopify only where nobody from outside can be fooled by it. */
function simProblems(text: string, appUrl: URL | null): readonly string[] {
  if (text === "") return [];
  const url = parseUrl(text, ["http:", "https:"]);
  if (url === null || !isLoopback(url)) {
    return ["SHOPIFY_SIM_URL must be a loopback address such as http://127.0.0.1:4010."];
  }
  if (appUrl !== null && !isLoopback(appUrl)) {
    return [
      "SHOPIFY_SIM_URL is refused while SHOPIFY_APP_URL is not a loopback address: " +
        "an app that others can reach must talk to Shopify itself.",
    ];
  }
  return [];
}

function tokenKeyProblems(text: string, appUrl: URL | null): readonly string[] {
  if (text !== "" || appUrl === null || isLoopback(appUrl)) return [];
  return [
    "TOKEN_KEYS is missing: it encrypts the stores' access tokens. " +
      "Make one with `openssl rand -base64 32`.",
  ];
}

function isPostgresUrl(text: string): boolean {
  return parseUrl(text, ["postgres:", "postgresql:"]) !== null;
}

function isRedisUrl(text: string): boolean {
  return parseUrl(text, ["redis:", "rediss:"]) !== null;
}

/** Buffer.from skips what is not base64: only a text that comes back unchanged was one. */
function isTokenKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === 32 && bytes.toString("base64") === text;
}

function parseUrl(text: string, protocols: readonly string[]): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return protocols.includes(url.protocol) ? url : null;
}

function withoutSlash(url: URL | string): string {
  return String(url).replace(/\/+$/, "");
}
