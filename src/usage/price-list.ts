/**
 * What models cost by their vendors' public lists, for agents that do not say it themselves. List prices in USD for a million tokens,
 * of pay-as-you-go access, as the page in the row had them on its day; the pages repeat what the vendors' own say. What you pay may
 * differ (a subscription, a cloud's own prices, a discount, a change since). `prices` in the settings goes before it, model by
 * model. A model that is not here has no price: nothing is taken from one that is like it. Pure.
 */
import type { Price } from "./prices.ts";

export type Listed = Price & {
  readonly model: string;
  /** Day (or month) on which the source said so. */
  readonly asOf: string;
  readonly source: string;
};

const openai = { asOf: "2026-06", source: "https://www.morphllm.com/openai-api-pricing" };
const google = { asOf: "2026-03", source: "https://deploybase.ai/articles/gemini-api-pricing" };
const anthropic = { asOf: "2026-04", source: "https://artka.dev/en/courses/claude-code-guide/11-models-and-pricing" };

/**
 * `longest`: the most tokens of a prompt for which the price holds; longer ones cost more. Anthropic's cache writes have two prices by
 * how long they are kept, and agents do not say which: those rows have none.
 */
export const priceList: readonly Listed[] = [
  { model: "gpt-5.5", input: 5, cachedInput: 0.5, output: 30, longest: 272_000, ...openai },
  { model: "gpt-5.4", input: 2.5, cachedInput: 0.25, output: 15, longest: 272_000, ...openai },
  { model: "gpt-5.4-mini", input: 0.75, cachedInput: 0.075, output: 4.5, ...openai },
  { model: "gpt-5.4-nano", input: 0.2, cachedInput: 0.02, output: 1.25, ...openai },
  {
    ...{
      model: "gemini-3.1-pro-preview",
      input: 2,
      cachedInput: 0.2,
      output: 12,
      longest: 200_000,
      asOf: "2026-03-28",
    },
    source: "https://blog.laozhang.ai/en/posts/gemini-3-1-pro-preview-free-api",
  },
  {
    ...{ model: "gemini-3-flash-preview", input: 0.5, cachedInput: 0.05, output: 3, asOf: "2026-07-04" },
    source: "https://factquire.com/models/google/gemini-3-flash-preview.json",
  },
  { model: "gemini-2.5-pro", input: 1.25, cachedInput: 0.125, output: 10, longest: 200_000, ...google },
  { model: "gemini-2.5-flash", input: 0.3, cachedInput: 0.03, output: 2.5, ...google },
  { model: "claude-opus-4-7", input: 5, cachedInput: 0.5, output: 25, ...anthropic },
  { model: "claude-sonnet-4-6", input: 3, cachedInput: 0.3, output: 15, ...anthropic },
  { model: "claude-haiku-4-5", input: 1, cachedInput: 0.1, output: 5, ...anthropic },
];

const byModel: ReadonlyMap<string, Price> = new Map(priceList.map((row) => [row.model, row]));

export const listedPrice = (model: string): Price | undefined => byModel.get(model);

/** docs/reference/prices.md. */
export function pricePage(): string {
  const money = (value: number | undefined): string => (value === undefined ? "-" : `${value}`);
  const rows = priceList.map(({ model, input, cachedInput, cacheWrite, output, longest, asOf, source }) =>
    [
      ...[`\`${model}\``, ...[input, cachedInput, cacheWrite, output].map(money)],
      ...[longest === undefined ? "-" : `${longest}`, asOf, source],
    ].join(" | "),
  );
  return `${[
    "# Prices",
    "",
    "Generated from `src/usage/price-list.ts` by `npm run generate`. For agents that do not say what they cost (Codex, Gemini CLI, ACP",
    "agents; Claude Code says it). **List prices in USD for a million tokens, as the page in each row had them on its day**; those pages",
    "repeat the vendors' own lists. What you pay may differ, and may have changed since. Thoughts cost what output costs.",
    "",
    "Prices of your own go before these, model by model (what a row leaves out has no price):",
    "",
    "```json",
    '"prices": {"gpt-5.5": {"input": 5, "cachedInput": 0.5, "output": 30}}',
    "```",
    "",
    "Nothing is guessed. A model that stands nowhere has no price: its tokens count, its cost is unknown, the run says so, and it",
    "needs a budget in tokens. The same holds for what it is not known how to price: input written to a cache where the row has no",
    "price for that, and prompts longer than the price holds for. A dispatch that used more input than `up to` in all has a cost",
    "only where the agent's session log shows that none of its prompts was that long; its budget counts what it was projected at,",
    "or what it costs at least where that is more.",
    "",
    "| model | input | cached input | written to a cache | output | prompts up to | as of | source |",
    "|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n")}\n`;
}
