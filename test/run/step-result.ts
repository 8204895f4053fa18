/** What one step adds to the count. `failures` are sentences, for the list at the end. */
export type StepResult = {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
};

export const stepPassed: StepResult = { passed: 1, failed: 0, failures: [] };

export function stepFailed(failure: string): StepResult {
  return { passed: 0, failed: 1, failures: [failure] };
}
