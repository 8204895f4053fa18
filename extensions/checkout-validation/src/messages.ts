import type { Refusal } from "../../../app/domain/checkout/refusal.ts";

type Phrases = { readonly soldOut: string; readonly onlyLeft: (items: number) => string };

const english: Phrases = { soldOut: "sold out", onlyLeft: (items) => `only ${items} left` };

/** By the first part of Shopify's language code; other languages get English. */
const phrasesByLanguage: Readonly<Record<string, Phrases>> = {
  EN: english,
  DA: { soldOut: "udsolgt", onlyLeft: (items) => `kun ${items} tilbage` },
  DE: { soldOut: "ausverkauft", onlyLeft: (items) => `nur noch ${items} verfügbar` },
  ES: { soldOut: "agotado", onlyLeft: (items) => `solo quedan ${items}` },
  FR: { soldOut: "épuisé", onlyLeft: (items) => `plus que ${items} en stock` },
  IT: { soldOut: "esaurito", onlyLeft: (items) => `solo ${items} disponibili` },
  JA: { soldOut: "売り切れ", onlyLeft: (items) => `残り${items}点` },
  NB: { soldOut: "utsolgt", onlyLeft: (items) => `bare ${items} igjen` },
  NL: { soldOut: "uitverkocht", onlyLeft: (items) => `nog maar ${items} beschikbaar` },
  PT: { soldOut: "esgotado", onlyLeft: (items) => `apenas ${items} em estoque` },
  SV: { soldOut: "slutsåld", onlyLeft: (items) => `endast ${items} kvar` },
};

/** A checkout shows one line; the rest of a long name helps nobody. */
const titleMaxCharacters = 60;
const titlesMax = 3;

/** What the shopper reads, such as "Red shirt: only 2 left". */
export function messageOf(refusal: Refusal, languageCode: string): string {
  const phrases = phrasesByLanguage[languageCode.split("_")[0] ?? ""] ?? english;
  const names = refusal.productTitles.slice(0, titlesMax).map(shorten).join(", ");
  const more = refusal.productTitles.length > titlesMax ? ", …" : "";
  const state = refusal.leftItems === 0 ? phrases.soldOut : phrases.onlyLeft(refusal.leftItems);
  return `${names}${more}: ${state}`;
}

function shorten(title: string): string {
  const characters = Array.from(title); // the engine has no Intl.Segmenter
  if (characters.length <= titleMaxCharacters) return title;
  return `${characters.slice(0, titleMaxCharacters - 1).join("")}…`;
}
