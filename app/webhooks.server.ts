import type { ActionFunctionArgs } from "@remix-run/node";

import { answer, bodyBytesMax, readBody } from "./http.server.ts";
import { carryOn } from "./loop/carry-on.ts";
import { processRuntime } from "./runtime.server.ts";
import { receiveWebhook } from "./services/receive-webhook.ts";
import type { WebhookTopic } from "./services/receive-webhook.ts";

/**
 * The action of a webhook's route: size, headers, signature and shop are checked in this order, the
 * delivery is recorded, and it is answered. Then this process goes on with what it learned.
 */
export function webhookAction(topic: WebhookTopic) {
  return async ({ request }: ActionFunctionArgs): Promise<Response> => {
    if (request.method !== "POST") return answer(405, "Webhooks are sent by POST.");
    const body = await readBody(request);
    if (body === null) return answer(413, `A webhook's body has at most ${bodyBytesMax} bytes.`);

    const runtime = await processRuntime();
    const delivery = { topic, headers: request.headers, body };
    const outcome = await receiveWebhook(runtime, delivery, runtime.settings.apiSecret);
    switch (outcome.kind) {
      case "missing-header":
        return answer(400, `The header ${outcome.header} is missing.`);
      case "wrong-topic":
        return answer(400, `This address is for ${topic}.`);
      case "forged":
        return answer(401, "The signature is not that of this body.");
      case "unknown-shop":
        return answer(404, "This shop has not installed the app.");
      case "recorded":
        // In a turn of its own, so that the answer is out first.
        setImmediate(() => {
          carryOn(runtime, outcome.poolIds);
        });
        return new Response(null, { status: 200 });
    }
  };
}

/** What a webhook's route says to a visitor. */
export function webhookLoader(): Response {
  return answer(405, "Webhooks are sent by POST.");
}
