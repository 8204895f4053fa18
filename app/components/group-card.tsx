import { Badge, BlockStack, Box, Card, Divider, InlineStack, Text } from "@shopify/polaris";
import type { BadgeProps } from "@shopify/polaris";

import type { Protection, Target } from "#app/domain/pool/protection.ts";

import { describePool } from "./pool-words.ts";

export type ShownPool = {
  readonly id: string;
  readonly title: string;
  readonly sku: string;
  readonly units: number;
  readonly freeUnits: number;
  readonly isGuaranteed: boolean;
  readonly target: Target;
  readonly sellOutsPerOversell: number | null;
};

export type ShownGroup = {
  readonly id: string;
  readonly name: string;
  readonly protection: Protection;
  readonly isPaused: boolean;
  readonly stores: readonly { readonly name: string; readonly locationName: string }[];
  readonly poolCount: number;
  readonly guaranteedCount: number;
  readonly units: number;
  readonly openIncidentCount: number;
  readonly unguardedCount: number;
  readonly pools: readonly ShownPool[];
};

const protectionWords: Readonly<Record<Protection, string>> = {
  strict: "Strict",
  balanced: "Balanced",
  mirror: "Mirror",
};

/** More names than this are told as a number. */
const storesNamedMax = 4;

/** A group with its scarcest products. */
export function GroupCard({ group }: { readonly group: ShownGroup }) {
  const hiddenCount = group.poolCount - group.pools.length;
  return (
    <Card padding="0">
      <Box padding="400">
        <BlockStack gap="200">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h2" variant="headingMd">
              {group.name}
            </Text>
            <StatusBadge group={group} />
            <Badge>{protectionWords[group.protection]}</Badge>
          </InlineStack>
          <Text as="p" tone="subdued">
            {nameStores(group.stores)}
          </Text>
        </BlockStack>
      </Box>
      <Divider />
      {group.pools.map((pool) => (
        <PoolRow key={pool.id} pool={pool} protection={group.protection} />
      ))}
      {hiddenCount > 0 && (
        <Box padding="400">
          <Text as="p" tone="subdued">
            {hiddenCount === 1 ? "and 1 more product" : `and ${hiddenCount} more products`}, with
            more units left
          </Text>
        </Box>
      )}
      {group.poolCount === 0 && (
        <Box padding="400">
          <Text as="p" tone="subdued">
            These stores share no product yet.
          </Text>
        </Box>
      )}
    </Card>
  );
}

function PoolRow({
  pool,
  protection,
}: {
  readonly pool: ShownPool;
  readonly protection: Protection;
}) {
  return (
    <Box padding="400" borderBlockEndWidth="025" borderColor="border-secondary">
      <InlineStack align="space-between" blockAlign="center" gap="400" wrap={false}>
        <BlockStack gap="050">
          <Text as="h3" variant="bodyMd" fontWeight="semibold" breakWord>
            {pool.title}
          </Text>
          <Text as="p" variant="bodySm" tone="subdued" breakWord>
            {pool.sku}
          </Text>
        </BlockStack>
        <BlockStack gap="050" inlineAlign="end">
          <Text as="p" numeric tone={pool.units < 0 ? "critical" : "base"} fontWeight="semibold">
            {pool.units === 1 ? "1 unit" : `${pool.units.toLocaleString("en")} units`}
          </Text>
          <Text as="p" variant="bodySm" tone="subdued">
            {describePool(protection, pool)}
          </Text>
        </BlockStack>
      </InlineStack>
    </Box>
  );
}

function StatusBadge({ group }: { readonly group: ShownGroup }) {
  const { tone, words } = describeStatus(group);
  return <Badge tone={tone}>{words}</Badge>;
}

/** Red is for what costs the merchant money. */
function describeStatus(group: ShownGroup): {
  readonly tone: NonNullable<BadgeProps["tone"]>;
  readonly words: string;
} {
  if (group.isPaused) return { tone: "warning", words: "Paused" };
  if (group.openIncidentCount > 0) return { tone: "critical", words: "Needs attention" };
  if (group.unguardedCount > 0) {
    return { tone: "warning", words: `${group.unguardedCount} not protected` };
  }
  if (group.protection === "strict" && group.guaranteedCount < group.poolCount) {
    return { tone: "info", words: "Getting ready" };
  }
  return { tone: "success", words: "Active" };
}

function nameStores(stores: ShownGroup["stores"]): string {
  const named = stores
    .slice(0, storesNamedMax)
    .map(({ name, locationName }) => `${name} (${locationName})`)
    .join(", ");
  const more = stores.length - storesNamedMax;
  return more > 0 ? `${named} and ${more} more` : named;
}
