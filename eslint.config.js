import prettier from "eslint-config-prettier";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const pureMessage = "The domain is pure: take time, randomness and I/O results as arguments.";

/** What no file may touch. Each message names what to use instead. */
const everywhere = {
  processEnv: {
    object: "process",
    property: "env",
    message: "Read settings from #app/env.server.ts.",
  },
  transaction: { property: "$transaction", message: "Use Database.withTransaction." },
  queryUnsafe: { property: "$queryRawUnsafe", message: "Use the $queryRaw tagged template." },
  executeUnsafe: { property: "$executeRawUnsafe", message: "Use the $executeRaw tagged template." },
};

const restrictedProperties = (...rules) => ["error", ...rules];

export default tseslint.config(
  { ignores: ["build/", ".data/", ".shopify/", "**/dist/", "**/generated/", "coverage/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat.recommended,
  prettier, // last of the presets: layout is Prettier's alone
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    rules: {
      // A new outcome must be handled where it is decided upon.
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Remix routes throw Responses.
      "@typescript-eslint/only-throw-error": [
        "error",
        { allow: [{ from: "lib", name: "Response" }] },
      ],
      "@typescript-eslint/consistent-type-definitions": ["error", "type"],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports" },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "no-restricted-properties": restrictedProperties(...Object.values(everywhere)),
      "no-console": "error", // log through the Logger port
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
      eqeqeq: "error",
    },
  },
  {
    files: ["app/domain/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...[
          "process",
          "fetch",
          "performance",
          "crypto",
          "console",
          "setTimeout",
          "setInterval",
        ].map((name) => ({ name, message: pureMessage })),
      ],
      "no-restricted-properties": restrictedProperties(
        ...Object.values(everywhere),
        { object: "Date", property: "now", message: pureMessage },
        { object: "Math", property: "random", message: pureMessage },
      ),
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: pureMessage },
        { selector: ":function[async=true]", message: pureMessage },
      ],
    },
  },
  {
    // The only reader of the environment, and the only opener of transactions.
    files: ["app/env.server.ts"],
    rules: {
      "no-restricted-properties": restrictedProperties(
        everywhere.transaction,
        everywhere.queryUnsafe,
        everywhere.executeUnsafe,
      ),
    },
  },
  {
    files: ["app/db.server.ts"],
    rules: {
      "no-restricted-properties": restrictedProperties(
        everywhere.processEnv,
        everywhere.queryUnsafe,
        everywhere.executeUnsafe,
      ),
    },
  },
  {
    // Tests and tools hand their environment to the processes they start, print to a terminal, and
    // index what they have just built. Everything that can lose a promise or an outcome stays on.
    files: ["test/**", "prisma/**", "*.config.ts"],
    rules: {
      "no-restricted-properties": restrictedProperties(
        everywhere.transaction,
        everywhere.queryUnsafe,
        everywhere.executeUnsafe,
      ),
      "no-console": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["**/*.{js,cjs}"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);
