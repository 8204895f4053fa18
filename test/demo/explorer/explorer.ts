import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { z } from "zod";

import type { Stand } from "../stand.ts";

import { listPools, viewPool } from "./pool-view.ts";

export type Explorer = { readonly url: string; readonly stop: () => Promise<void> };

const bodyBytesMax = 10_000;
/** A shopper who pays by card takes a moment; long enough to see that `available` does not show it. */
const paymentMs = 400;

const Purchase = z.object({
  shop: z.string(),
  sku: z.string(),
  quantity: z.number().int().min(1).max(100).default(1),
});
const Delivery = z.object({
  shop: z.string(),
  location: z.string().optional(),
  sku: z.string(),
  deltaUnits: z.number().int().min(-1_000).max(1_000),
});

/**
 * Serves a page on this machine on which the demo's stores can be shopped in, and each unit watched.
 * What it shows of the stores is their own word; what it shows of the app comes from its database.
 */
export async function startExplorer(stand: Stand): Promise<Explorer> {
  const server = createServer((request, response) => {
    answer(stand, request, response).catch((error: unknown) => {
      send(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  stand: Stand,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  switch (`${request.method ?? ""} ${pathname}`) {
    case "GET /": {
      const page = await readFile(join(import.meta.dirname, "page.html"));
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
      return;
    }
    case "GET /pools":
      send(response, 200, await listPools(stand));
      return;
    case "GET /pool": {
      const pool = await viewPool(stand, searchParams.get("id") ?? "");
      send(response, pool ? 200 : 404, pool ?? { error: "There is no such pool." });
      return;
    }
    case "POST /buy": {
      const { quantity, ...product } = await readBody(request, Purchase);
      send(response, 200, await stand.simulator.purchase({ ...product, quantity, paymentMs }));
      return;
    }
    case "POST /deliver":
      send(response, 200, await stand.simulator.adjust(await readBody(request, Delivery)));
      return;
    default:
      send(response, 404, { error: "There is nothing here." });
  }
}

async function readBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new Error("That is too much to ask for.");
    chunks.push(chunk);
  }
  return schema.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
