/** More digits than a JavaScript number holds exactly may follow here. */
const longNumber = /\d{16}/;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Parses JSON without rounding: a whole number beyond 2^53, as Shopify's ids can be, comes as a string
 * of its digits; everything else as from JSON.parse.
 * @throws SyntaxError if the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text) as unknown;

  const keepDigits: Reviver = (_key, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? "")
      ? source
      : value;
  // TypeScript's library does not know the third argument; Node has it since version 21.
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as unknown;
}
