import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { z } from "zod";

import type { Control } from "./control/contract.ts";
import { controlInputs } from "./control/inputs.ts";
import type { ControlName } from "./control/inputs.ts";
import { answerTokenRequest } from "./identity/token-endpoint.ts";
import type { SimulatedApp, Simulation } from "./simulation.ts";
import { apiVersion } from "./webhooks/app-config.ts";

/** Longer than any pause of a caller, so that no idle connection is closed just when it is used again. */
const keepAliveMs = 120_000;
/** Shopify's own limit is not known; a dispatch of 250 operations has 60 kB. */
const bodyBytesMax = 8 * 1024 * 1024;

/** The store that a request is for: an app cannot send another Host, so it may say it in this header. */
const hostHeader = "x-shopify-sim-host";

export type Served = {
  readonly app: SimulatedApp;
  readonly control: Control;
  readonly current: () => Simulation;
};

/** Shopify's addresses, and the control API, over HTTP. */
export function createHttpServer(served: Served): Server {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    route(served, request, response).catch((error: unknown) => {
      // Only a fault of the simulator's own comes here.
      sendJson(response, 500, { error: error instanceof Error ? error.stack : String(error) });
    });
  });
  server.headersTimeout = keepAliveMs + 1_000;
  server.requestTimeout = 0;
  return server;
}

async function route(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://simulator");
  if (pathname === "/_control/health") {
    sendJson(response, 200, { status: "ok", scenario: served.current().world.scenario.name });
    return;
  }
  if (request.method !== "POST") {
    sendJson(response, 404, { errors: "Not Found" });
    return;
  }
  const body = await readBody(request);
  const controlName = /^\/_control\/(\w+)$/.exec(pathname)?.[1];
  if (controlName !== undefined) {
    await answerControl(served, response, { name: controlName, body });
    return;
  }
  const domain = shopDomainOf(request);
  const shop = served.current().world.shops.get(domain);
  if (!shop) {
    sendJson(response, 404, { errors: "Not Found" });
    return;
  }
  if (pathname === "/admin/oauth/access_token") {
    const { apiKey, apiSecret, config } = served.app;
    const app = { apiKey, apiSecret, scopes: config.scopes };
    const { installations } = served.current();
    const answer = answerTokenRequest({ shop: domain, body: parseForm(body), app, installations });
    sendJson(response, answer.status, answer.body);
    return;
  }
  if (pathname !== `/admin/api/${apiVersion}/graphql.json`) {
    sendJson(response, 404, { errors: "Not Found" });
    return;
  }
  const accessToken = String(request.headers["x-shopify-access-token"] ?? "");
  const answer = await served
    .current()
    .admin.answer({ shop, accessToken, body: parseJson(body) }, () => request.socket.destroy());
  if (answer.kind === "lost") request.socket.destroy();
  else sendJson(response, answer.status, answer.body);
}

async function answerControl(
  { control }: Served,
  response: ServerResponse,
  { name, body }: { readonly name: string; readonly body: string },
): Promise<void> {
  if (!Object.hasOwn(controlInputs, name)) {
    sendJson(response, 404, { error: `The control API has no ${name}.` });
    return;
  }
  const known = name as ControlName;
  const input = controlInputs[known].safeParse(parseJson(body) ?? {});
  if (!input.success) {
    sendJson(response, 400, { error: z.prettifyError(input.error) });
    return;
  }
  // The input was parsed by the schema of the same name.
  const call = control[known] as (input: unknown) => unknown;
  try {
    sendJson(response, 200, { result: await call(input.data) });
  } catch (error) {
    sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function shopDomainOf({ headers }: IncomingMessage): string {
  const named = headers[hostHeader];
  const host = typeof named === "string" ? named : (headers.host ?? "");
  return host.replace(/:\d+$/, "");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > bodyBytesMax) throw new Error("The request is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** The token endpoint takes JSON and forms. */
function parseForm(text: string): unknown {
  return parseJson(text) ?? Object.fromEntries(new URLSearchParams(text));
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
