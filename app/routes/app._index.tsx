import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { HomePage } from "#app/components/home-page.tsx";
import { findAccountOverview } from "#app/models/group-overview.ts";
import { processRuntime } from "#app/runtime.server.ts";
import { authenticate } from "#app/shopify.server.ts";

export const meta: MetaFunction = () => [{ title: "Location Groups" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const { session } = await authenticate.admin(request);
  const { database, clock } = await processRuntime();
  const overview = await findAccountOverview(database.prisma, session.shop, clock.nowMs());
  return { overview };
}

export default function Home() {
  const { overview } = useLoaderData<typeof loader>();
  return <HomePage overview={overview} />;
}
