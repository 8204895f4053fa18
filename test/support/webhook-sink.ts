import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedWebhook = {
  readonly path: string;
  readonly topic: string;
  readonly shop: string;
  readonly webhookId: string;
  readonly isSigned: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly payload: Readonly<Record<string, unknown>>;
};

export type WebhookSink = {
  readonly url: string;
  /** In the order of arrival. */
  readonly received: readonly ReceivedWebhook[];
  readonly stop: () => Promise<void>;
};

/**
 * Stands where an app would, and keeps what it is told.
 *
 * @param statusOf what the nth message (from 1) is answered; 200 without it. Null: it is never answered.
 */
export async function startWebhookSink({
  apiSecret,
  statusOf = () => 200,
}: {
  readonly apiSecret: string;
  readonly statusOf?: (count: number) => number | null;
}): Promise<WebhookSink> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { headers } = request;
      received.push({
        path: request.url ?? "",
        topic: String(headers["x-shopify-topic"]),
        shop: String(headers["x-shopify-shop-domain"]),
        webhookId: String(headers["x-shopify-webhook-id"]),
        isSigned:
          headers["x-shopify-hmac-sha256"] ===
          createHmac("sha256", apiSecret).update(body).digest("base64"),
        headers,
        payload: JSON.parse(body.toString("utf8")) as Record<string, unknown>,
      });
      const status = statusOf(received.length);
      if (status !== null) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
