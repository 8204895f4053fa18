import { adjustmentGroupResolvers, changeResolvers } from "./adjustment-group.ts";
import { levelMutations } from "./level-mutations.ts";
import { metafieldMutations, metafieldResolvers } from "./metafields.ts";
import { orderResolvers } from "./order-resolvers.ts";
import { quantityMutations } from "./quantity-mutations.ts";
import { accountResolvers, queryRoot } from "./query-root.ts";
import type { TypeResolvers } from "./resolver.ts";
import { stockResolvers } from "./stock-resolvers.ts";
import { validationMutations, validationResolvers } from "./validations.ts";
import { webhookMutations, webhookSubscriptionResolvers } from "./webhook-subscriptions.ts";

/** All that the simulator knows to answer, by GraphQL type. */
export const adminResolvers: Readonly<Record<string, TypeResolvers>> = {
  QueryRoot: queryRoot,
  Mutation: {
    ...quantityMutations,
    ...levelMutations,
    ...metafieldMutations,
    ...validationMutations,
    ...webhookMutations,
  },
  ...stockResolvers,
  ...accountResolvers,
  ...orderResolvers,
  InventoryAdjustmentGroup: adjustmentGroupResolvers,
  InventoryChange: changeResolvers,
  Metafield: metafieldResolvers,
  Validation: validationResolvers,
  WebhookSubscription: webhookSubscriptionResolvers,
};
