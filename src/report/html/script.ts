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
  document.addEventListener("contentvisibilityautostatechange", ({ skipped, target }) => {
    if (!skipped && target.matches(".lot")) Array.from(target.children).forEach(fill);
  });
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
  const count = filters.querySelector("output");
  const search = filters.querySelector("input[type=search]");
  const boxes = Array.from(filters.querySelectorAll("input[type=checkbox]"));
  const told = (shown, all) => {
    count.textContent = filled(count.dataset.count, { shown, all });
  };
  const fits = (item, wanted, words) => {
    for (const [key, values] of wanted)
      if (!item.data[key].split(" ").some((value) => values.includes(value))) return false;
    if (words.length === 0) return true;
    item.words ??= wordsOf(item.element);
    return words.every((word) => item.words.includes(word));
  };
  // Looked up when somebody filters. A part of an item is one of a lot, which is out of sight as a whole where nothing in it fits; what
  // is in no lot is in one that is always there.
  const lookUp = () => {
    const items = all(".item").map((element) => ({ element, data: element.dataset, fit: true, words: null }));
    const places = new Map(items.map((item) => [item.data.at, item]));
    const lots = new Map([[null, []]]);
    for (const element of all(".item,[data-with]")) {
      const item = places.get(element.dataset.at ?? element.dataset.with);
      if (!item) continue;
      const lot = element.parentElement.matches(".lot,.many .listing") ? element.parentElement : null;
      if (!lots.has(lot)) lots.set(lot, []);
      lots.get(lot).push({ element, item, shown: true });
    }
    return { items, lots };
  };
  let known = null;
  const apply = () => {
    const wanted = new Map();
    for (const { name, value } of boxes.filter((box) => box.checked)) wanted.set(name, [...(wanted.get(name) ?? []), value]);
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    known ??= lookUp();
    for (const item of known.items) item.fit = fits(item, wanted, words);
    for (const [lot, parts] of known.lots) {
      const shown = parts.filter(({ item }) => item.fit).length;
      if (lot !== null) {
        lot.hidden = shown === 0;
        // How high it is where nobody has scrolled to it yet.
        if (shown > 0) lot.style.setProperty("--shown", shown);
      }
      for (const part of lot !== null && shown === 0 ? [] : parts) {
        if (part.shown === part.item.fit) continue;
        part.shown = part.item.fit;
        part.element.hidden = !part.shown;
      }
    }
    told(known.items.filter(({ fit }) => fit).length, known.items.length);
  };
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply));
  // A browser may bring back what was chosen before.
  if (search.value !== "" || boxes.some((box) => box.checked)) apply();
  else told(all(".item").length, all(".item").length);
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
export const scriptHash = "P3809jRPrAdy8N/iGcYEJURdvnman41hpI74EFQBJRU=";
