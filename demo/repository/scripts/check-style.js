/** What an editor keeps and a review should not have to: no tabs, no blanks at line ends, no lines over 120. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = ["src", "test", "scripts"].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => join(folder, name)),
);

const rules = [
  ["a tab", /\t/],
  ["blanks at the end", /[ \t]$/],
  ["more than 120 characters", /.{121}/],
  ["var", /^\s*var\s/],
];

const complaints = files.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  const lines = text.split("\n").flatMap((line, at) =>
    rules.filter(([, sign]) => sign.test(line)).map(([what]) => `${file}:${at + 1}: ${what}`),
  );
  return text.endsWith("\n") ? lines : [...lines, `${file}: no line end at the end`];
});

for (const complaint of complaints) console.error(complaint);
console.log(`${files.length} files, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
