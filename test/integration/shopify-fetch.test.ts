import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";

import { createShopifyFetch, simHostHeader } from "#app/shopify-sim.server.ts";

test("what goes to a store is sent to the stand-in, with the store's name and all else as it was", async () => {
  const { url, seen } = await anEcho();
  const shopifyFetch = createShopifyFetch(url);

  await shopifyFetch("https://one.myshopify.com/admin/api?x=1", {
    method: "POST",
    headers: { "x-token": "t" },
    body: "a",
  });
  await shopifyFetch(new Request("https://two.myshopify.com/b", { method: "PUT", body: "b" }));
  await shopifyFetch(new URL("https://three.myshopify.com/c"));

  expect(seen).toEqual([
    { method: "POST", path: "/admin/api?x=1", shop: "one.myshopify.com", token: "t", body: "a" },
    { method: "PUT", path: "/b", shop: "two.myshopify.com", token: undefined, body: "b" },
    { method: "GET", path: "/c", shop: "three.myshopify.com", token: undefined, body: "" },
  ]);
});

test("what goes elsewhere is not touched, nor is anything without a stand-in", async () => {
  const { url, seen } = await anEcho();

  await createShopifyFetch("http://127.0.0.1:1")(`${url}/direct`);

  expect(seen).toMatchObject([{ path: "/direct", shop: undefined }]);
  expect(createShopifyFetch(null)).toBe(fetch);
});

async function anEcho() {
  const seen: object[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({
        method: request.method,
        path: request.url,
        shop: request.headers[simHostHeader],
        token: request.headers["x-token"],
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(200, { connection: "close" }).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
