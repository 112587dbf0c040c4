/** `okstra doctor`: checks what okstra needs here. */
import { type Command, define, type NoOptions } from "../command.ts";

export const doctor: Command<NoOptions> = define({
  name: "doctor",
  group: "installation",
  summary: "checks what okstra needs here and names a remedy for what is missing",
  usage: "",
  positionals: [],
  options: {},
  notes: ["Ends with `result: OK`, or `result: N problems` and exit code 1."],
  examples: ["okstra doctor"],
  read: () => ({}),
  run: async (context) => (await import("../actions/doctor.ts")).doctor(context),
});
