import { webhookAction, webhookLoader } from "#app/webhooks.server.ts";

export const loader = webhookLoader;
export const action = webhookAction("products/delete");
