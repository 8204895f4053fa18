import type { ControlInput, ControlName } from "./inputs.ts";
import type { ControlOutputs } from "./outputs.ts";

/** The control API as functions; what is sent has been parsed. They throw a sentence for what cannot be done. */
export type Control = {
  readonly [Name in ControlName]: (
    input: ControlInput<Name>,
  ) => ControlOutputs[Name] | Promise<ControlOutputs[Name]>;
};
