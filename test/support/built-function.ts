import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten";

/** Shopify gives a Function 10,000 kB of memory, its engine included. */
const memoryMaxBytes = 10_000 * 1024;

/**
 * Runs the bundle of a Shopify Function on one input, as a store does: in QuickJS, without a clock, a
 * network or anything else to reach. Every run has a fresh context.
 *
 * @param bundle an ES module that exports `run` and reads and writes by the global ShopifyFunction.
 * @throws what the Function throws.
 */
export async function runBuiltFunction(bundle: string, input: unknown): Promise<unknown> {
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = engine.newRuntime();
  runtime.setMemoryLimit(memoryMaxBytes);
  const context = runtime.newContext();
  try {
    runtime.setModuleLoader((name) =>
      name === "function" ? bundle : { error: new Error(`A Function imports nothing: ${name}.`) },
    );
    const program = `
      import { run } from "function";
      globalThis.written = null;
      globalThis.ShopifyFunction = {
        readInput: () => JSON.parse(${JSON.stringify(JSON.stringify(input))}),
        writeOutput: (output) => { globalThis.written = JSON.stringify(output); },
      };
      run();
    `;
    context.unwrapResult(context.evalCode(program, "main.js", { type: "module" })).dispose();
    const written = context.unwrapResult(context.evalCode("written"));
    const json = context.getString(written);
    written.dispose();
    return JSON.parse(json);
  } finally {
    context.dispose();
    runtime.dispose();
  }
}
