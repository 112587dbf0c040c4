// Loaded into a process by NODE_OPTIONS: says at its end how much memory it had at most, in MiB, in the file that is named.
process.on("exit", () => {
  require("node:fs").writeFileSync(process.env["BENCH_MEMORY"] ?? "", String(process.resourceUsage().maxRSS / 1024));
});
