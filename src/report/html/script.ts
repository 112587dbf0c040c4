/**
 * What a report's page can do beyond showing: filter items, and save the answers to its questions as a file. It asks no network and
 * writes text only as text. Without it the page is whole; what needs it is hidden until it runs. The file that it saves is read by
 * `readUserResponse` of the lifecycle.
 */
export const script = `
"use strict";
const all = (selector) => Array.from(document.querySelectorAll(selector));
const filled = (pattern, values) => pattern.replace(/\\{(\\w+)\\}/g, (_, key) => values[key]);
for (const one of all("[data-live]")) one.hidden = false;

// Of many items only the headings are elements at first; the rest of each becomes elements when it comes into sight, and all of it in
// idle moments and for a printer.
const later = (element) => element.querySelector(":scope>noscript");
const fill = (element) => {
  const text = later(element);
  if (text) text.outerHTML = text.textContent;
};
const unfilled = all(".many .item,.many .with");
if (unfilled.length > 0) {
  document.addEventListener("contentvisibilityautostatechange", (event) => event.skipped || fill(event.target));
  addEventListener("beforeprint", () => unfilled.forEach(fill));
  const idle = window.requestIdleCallback ?? ((go) => setTimeout(() => go({ timeRemaining: () => 5 }), 100));
  let next = 0;
  const some = (time) => {
    for (let most = 50; most > 0 && next < unfilled.length && time.timeRemaining() > 3; most -= 1) fill(unfilled[next++]);
    if (next < unfilled.length) idle(some);
  };
  addEventListener("load", () => setTimeout(() => idle(some), 2000));
}
const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const wordsOf = (element) => {
  const text = later(element);
  if (!text) return element.textContent.toLowerCase();
  const words = text.textContent.replace(/<[^>]*>/g, " ").replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => signs[name]);
  return (element.firstChild.textContent + " " + words).toLowerCase();
};

const filters = document.querySelector("form.filters");
if (filters) {
  const items = all(".item").map((element) => ({ element, data: element.dataset, with: [], words: null }));
  const places = new Map(items.map((item) => [item.data.at, item]));
  for (const one of all("[data-with]")) places.get(one.dataset.with)?.with.push(one);
  const count = filters.querySelector("output");
  const search = filters.querySelector("input[type=search]");
  const boxes = Array.from(filters.querySelectorAll("input[type=checkbox]"));
  const fits = (item, wanted, words) => {
    for (const [key, values] of wanted)
      if (!item.data[key].split(" ").some((value) => values.includes(value))) return false;
    if (words.length === 0) return true;
    item.words ??= wordsOf(item.element);
    return words.every((word) => item.words.includes(word));
  };
  const apply = () => {
    const wanted = new Map();
    for (const { name, value } of boxes.filter((box) => box.checked)) wanted.set(name, [...(wanted.get(name) ?? []), value]);
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let shown = 0;
    for (const item of items) {
      const fit = fits(item, wanted, words);
      if (fit) shown += 1;
      if (item.element.hidden !== fit) continue;
      for (const one of [item.element, ...item.with]) one.hidden = !fit;
    }
    count.textContent = filled(count.dataset.count, { shown, all: items.length });
  };
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply));
  apply();
}

const box = document.querySelector(".export");
if (box) {
  const fields = all("textarea");
  const output = box.querySelector("output");
  const { head, file, done, empty } = box.dataset;
  const written = () => JSON.stringify(fields.map((field) => field.value));
  let saved = written();
  const answer = ({ dataset, value }) => {
    const question = dataset.question.split("\\n").map((line) => ("> " + line).trimEnd()).join("\\n");
    const text = value.trim().split("\\n").map((line) => line.replace(/^[\\\\#>]/, "\\\\$&")).join("\\n");
    return "\\n## " + dataset.id + "\\n\\n" + question + "\\n\\n" + text + "\\n";
  };
  box.querySelector("button").addEventListener("click", () => {
    const given = fields.filter((field) => field.value.trim() !== "");
    if (given.length === 0) {
      output.textContent = empty;
      fields[0].focus();
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([head + given.map(answer).join("")], { type: "text/markdown" }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = written();
    output.textContent = filled(done, { count: given.length, file });
  });
  addEventListener("beforeunload", (event) => {
    if (written() !== saved) event.preventDefault();
  });
}
`;

/** SHA-256 (base64) of the text above, for the page's policy. */
export const scriptHash = "lbrOU/4nrfSNl/YZu/P8wlykqwHT9W45jTnYnFuoGms=";
