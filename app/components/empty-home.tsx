import { BlockStack, Card, InlineStack, List, Text } from "@shopify/polaris";

/** Before the first group: what the app is for, and what comes first. */
export function EmptyHome({ storeCount }: { readonly storeCount: number }) {
  return (
    <Card padding="600">
      <InlineStack gap="600" blockAlign="center">
        <img src="/empty-home.svg" alt="" width="160" height="120" />
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            Sell the same stock in several stores
          </Text>
          <Text as="p">
            Put locations of your stores into a group. A sale in one store shows in all others; with
            strict protection, the last unit is never sold twice.
          </Text>
          <List type="number">
            <List.Item>Install this app in every store that sells from the same stock.</List.Item>
            <List.Item>Link the stores, so that they belong to one account.</List.Item>
            <List.Item>Choose the locations that share their stock.</List.Item>
          </List>
          <Text as="p" tone="subdued">
            {storeCount === 1
              ? "1 store is linked. Groups need at least two."
              : `${storeCount} stores are linked, and no group yet.`}
          </Text>
        </BlockStack>
      </InlineStack>
    </Card>
  );
}
