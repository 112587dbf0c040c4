/** About how many tokens a text costs: ASCII characters / 4, and one for every other character. */
export function contextCost(text: string): number {
  let ascii = 0;
  let other = 0;
  for (const letter of text) {
    if ((letter.codePointAt(0) ?? 0) < 128) ascii++;
    else other++;
  }
  return Math.ceil(ascii / 4) + other;
}
