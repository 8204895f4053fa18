import { decideRefusals } from "../../../app/domain/checkout/refusal.ts";
import type { CartValidationsGenerateRunResult, RunInput } from "../generated/api.ts";

import { messageOf } from "./messages.ts";

/** A shopper repairs a cart item by item; and an output beyond 20 kB would fail, which lets it pass. */
const errorsMax = 20;

/** The cart and checkout validation: no operation at all means that nothing is refused. */
export function run(input: RunInput): CartValidationsGenerateRunResult {
  const refusals = decideRefusals(
    input.buyerJourney.step ?? null,
    input.cart.lines.map(({ q, m }) => ({
      quantity: q,
      productTitle: "p" in m ? m.p.t : "",
      snapshotValue: "s" in m ? m.s?.v : null,
    })),
  );
  if (refusals.length === 0) return { operations: [] };

  const languageCode = input.localization.language.isoCode;
  const errors = refusals.slice(0, errorsMax).map((refusal) => ({
    message: messageOf(refusal, languageCode),
    target: "$.cart", // the whole cart: Shopify documents no target for a line
  }));
  return { operations: [{ validationAdd: { errors } }] };
}
