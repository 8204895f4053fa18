import type { UserError } from "./quantity-rules.ts";

const adjustableNames = [
  "available",
  "damaged",
  "incoming",
  "quality_control",
  "reserved",
  "safety_stock",
];

/** Absolute numbers are for what is for sale, or for what is there. */
export function setNameErrors(name: string): readonly UserError[] {
  if (name === "available" || name === "on_hand") return [];
  return [
    {
      field: ["input", "name"],
      message: "The quantity name must be either 'available' or 'on_hand'.",
      code: "INVALID_NAME",
    },
  ];
}

/** `on_hand` and `committed` follow from others: no delta is taken for them. */
export function adjustNameErrors(name: string): readonly UserError[] {
  if (adjustableNames.includes(name)) return [];
  return [
    {
      field: ["input", "name"],
      message: `The specified quantity name is invalid. Valid values are: ${adjustableNames.join(", ")}.`,
      code: "INVALID_QUANTITY_NAME",
    },
  ];
}

/** A ledger document belongs to every quantity but `available`. */
export function ledgerDocumentErrors(
  name: string,
  changes: readonly { readonly ledgerDocumentUri?: string | null }[],
): readonly UserError[] {
  return changes.flatMap(({ ledgerDocumentUri }, index) => {
    const field = ["input", "changes", String(index), "ledgerDocumentUri"];
    const isGiven = ledgerDocumentUri !== null && ledgerDocumentUri !== undefined;
    if (name === "available" && isGiven) {
      return [
        {
          field,
          message: "A ledger document URI is not allowed when adjusting available.",
          code: "INVALID_AVAILABLE_DOCUMENT",
        },
      ];
    }
    if (name === "available" || isGiven) return [];
    return [
      {
        field,
        message: "A ledger document URI is required except when adjusting available.",
        code: "INVALID_QUANTITY_DOCUMENT",
      },
    ];
  });
}
