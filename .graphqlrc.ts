import { ApiType, shopifyApiProject } from "@shopify/api-codegen-preset";

/** For editors: which schema the documents in the code are written against. */
const config = {
  projects: {
    default: shopifyApiProject({
      apiType: ApiType.Admin,
      apiVersion: "2026-10",
      documents: ["./app/**/*.{ts,tsx}"],
      outputDir: "./app/generated",
    }),
  },
};

export default config;
