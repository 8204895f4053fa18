import { BlockStack, Card, InlineGrid, Text } from "@shopify/polaris";

/** A few figures in a row; two by two on a phone. */
export function SummaryStrip({
  figures,
}: {
  readonly figures: readonly { readonly label: string; readonly value: number }[];
}) {
  return (
    <Card>
      <InlineGrid columns={{ xs: 2, md: figures.length }} gap="400">
        {figures.map(({ label, value }) => (
          <BlockStack key={label} gap="100">
            <Text as="p" variant="bodySm" tone="subdued">
              {label}
            </Text>
            <Text as="p" variant="headingLg">
              {value.toLocaleString("en")}
            </Text>
          </BlockStack>
        ))}
      </InlineGrid>
    </Card>
  );
}
