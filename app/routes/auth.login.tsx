import type { MetaFunction } from "@remix-run/node";

import { OpenFromAdmin } from "#app/components/open-from-admin.tsx";

export const meta: MetaFunction = () => [{ title: "Location Groups" }];

/** Where Shopify's library sends a visitor of whom it does not know the shop. */
export default function Login() {
  return <OpenFromAdmin />;
}
