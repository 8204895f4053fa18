import type { LoaderFunctionArgs } from "@remix-run/node";

import { authenticate } from "#app/shopify.server.ts";

/** The pages that Shopify's library needs on the way to a session; it answers them itself. */
export async function loader({ request }: LoaderFunctionArgs) {
  await authenticate.admin(request);
  return null;
}
