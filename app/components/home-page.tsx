import { Banner, BlockStack, Layout, Page, Text } from "@shopify/polaris";

import { EmptyHome } from "./empty-home.tsx";
import { GroupCard } from "./group-card.tsx";
import type { ShownGroup } from "./group-card.tsx";
import { SummaryStrip } from "./summary-strip.tsx";

/** What the home page is told; as the loader's, read again by the browser. */
export type ShownOverview = {
  readonly shopCount: number;
  readonly poolCount: number;
  readonly units: number;
  readonly openIncidentCount: number;
  readonly groups: readonly ShownGroup[];
};

/** Answers the merchant's first question: is my stock safe now? */
export function HomePage({ overview }: { readonly overview: ShownOverview | null }) {
  const groups = overview?.groups ?? [];
  return (
    <Page title="Location Groups" subtitle="Stores that sell the same stock">
      {overview === null || groups.length === 0 ? (
        <EmptyHome storeCount={overview?.shopCount ?? 1} />
      ) : (
        <Layout>
          <Layout.Section>
            <BlockStack gap="400">
              {overview.openIncidentCount > 0 && (
                <Banner tone="critical" title={incidentTitle(overview.openIncidentCount)}>
                  <Text as="p">
                    Units were sold, or changed, in a way that no store could prevent. The groups
                    concerned are marked below.
                  </Text>
                </Banner>
              )}
              <SummaryStrip
                figures={[
                  { label: "Stores", value: overview.shopCount },
                  { label: "Groups", value: groups.length },
                  { label: "Shared products", value: overview.poolCount },
                  { label: "Units left", value: overview.units },
                ]}
              />
              {groups.map((group) => (
                <GroupCard key={group.id} group={group} />
              ))}
            </BlockStack>
          </Layout.Section>
        </Layout>
      )}
    </Page>
  );
}

function incidentTitle(count: number): string {
  return count === 1 ? "1 incident needs your attention" : `${count} incidents need your attention`;
}
