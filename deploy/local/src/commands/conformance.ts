import { print } from "../console.ts";
import { countsByGroup, summaryLine } from "../test-run/report.ts";
import { clearReports, conformanceSuite, runSuite } from "../test-run/suites.ts";
import { forwardSignalsToTools } from "../tools.ts";

/** `npm run conformance`: runs the suite that every WhatsApp engine must pass and prints the counts of each engine. */
export async function run(args: string[]): Promise<void> {
  forwardSignalsToTools();
  clearReports();
  const { failed } = await runSuite(conformanceSuite, args);
  for (const [engine, counts] of countsByGroup(conformanceSuite.reportFile)) print(summaryLine(counts, engine));
  process.exitCode = failed === 0 ? 0 : 1;
}
