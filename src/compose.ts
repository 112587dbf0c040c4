/** Makes the real world and joins the rooms; the only place that does. */

export async function run(argv: readonly string[]): Promise<number> {
  const [command] = argv;
  const problem = command === undefined ? "No command given" : `Unknown command: ${command}`;
  process.stderr.write(`✗ ${problem}\n↳ To see the version, run okstra --version\n`);
  return 2;
}
