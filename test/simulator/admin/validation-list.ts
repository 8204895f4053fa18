/** A checkout rule that the app switched on in one store. */
export type Validation = {
  readonly kind: "Validation";
  readonly id: number;
  readonly functionHandle: string;
  title: string;
  isEnabled: boolean;
  blocksOnFailure: boolean;
};

export type Validations = { readonly list: Validation[] };
