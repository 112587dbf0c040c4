/**
 * From an agent's last message to one JSON value. Only two forms are taken: the message is a JSON document, or it holds exactly one
 * fenced block marked `json` and that is one (noted, since the agent was asked for JSON alone). Anything looser would let prose
 * decide which of several candidates counts.
 */
export type Answer =
  | { readonly ok: true; readonly value: unknown; readonly note: string | null }
  | { readonly ok: false; readonly problems: readonly string[] };

export function readAnswer(message: string): Answer {
  const text = message.replace(/^\uFEFF/, "").trim();
  if (text === "")
    return { ok: false, problems: ["The last message was empty; it must be the result as one JSON document"] };
  const whole = parsed(text);
  if (whole.ok) return { ok: true, value: whole.value, note: null };
  const blocks = jsonBlocks(text);
  const only = blocks[0];
  if (blocks.length !== 1 || only === undefined)
    return { ok: false, problems: [refusal(text, blocks.length, whole.why)] };
  const fenced = parsed(only);
  if (fenced.ok)
    return { ok: true, value: fenced.value, note: "the result stood in a fenced block with text around it" };
  return { ok: false, problems: [`The fenced json block is not valid JSON: ${fenced.why}`] };
}

function refusal(text: string, blocks: number, why: string): string {
  if (blocks > 1) return `The last message has ${blocks} json blocks; it must be the result as one JSON document`;
  if (/^[[{]/.test(text)) return `The last message is not valid JSON: ${why}`;
  return "The last message was prose; it must be the result as one JSON document and nothing else";
}

function parsed(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (cause) {
    return { ok: false, why: cause instanceof Error ? cause.message.slice(0, 300) : String(cause) };
  }
}

/** Contents of the fenced blocks marked `json`, line by line, so that a fence inside a JSON text does not end one. */
function jsonBlocks(text: string): string[] {
  const blocks: string[] = [];
  let open: { readonly fence: string; readonly json: boolean; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const fence = /^\s{0,3}(`{3,}|~{3,})\s*([\w-]*)/.exec(line);
    if (open === undefined) {
      if (fence?.[1] !== undefined) open = { fence: fence[1], json: fence[2]?.toLowerCase() === "json", lines: [] };
    } else if (line.trim().startsWith(open.fence) && line.trim().replaceAll(open.fence[0] ?? "", "") === "") {
      if (open.json) blocks.push(open.lines.join("\n"));
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return blocks;
}
