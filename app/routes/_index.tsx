import { redirect } from "@remix-run/node";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";

import { OpenFromAdmin } from "#app/components/open-from-admin.tsx";

export const meta: MetaFunction = () => [{ title: "Location Groups" }];

/** Shopify opens the app at its root; everything of it is under /app. */
export function loader({ request }: LoaderFunctionArgs) {
  const { search, searchParams } = new URL(request.url);
  return searchParams.has("shop") ? redirect(`/app${search}`) : null;
}

export default function Index() {
  return <OpenFromAdmin />;
}
