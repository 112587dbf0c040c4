/**
 * What a report's page can do beyond showing: filter items, and save the answers to its questions as a file. It asks no network and
 * writes text only as text. Without it the page is whole; what needs it is hidden until it runs. The file that it saves is read by
 * `readUserResponse` of the lifecycle.
 */
export const script = `
"use strict";
const all = (selector) => Array.from(document.querySelectorAll(selector));
const put = (pattern, values) => pattern.replace(/\\{(\\w+)\\}/g, (_, key) => values[key]);
for (const one of all("[data-live]")) one.hidden = false;

// Of many items each lot is one text at first; it becomes elements when it comes into sight or somebody follows a link into it, and all
// of them do in idle moments and for a printer.
const lots = all(".lot");
const later = (lot) => lot.querySelector(":scope>noscript");
const parts = (place) => Array.from(place.querySelectorAll(".item,[data-with]"));
let filled = () => {};
const fill = (lot) => {
  const text = later(lot);
  if (!text) return;
  text.outerHTML = text.textContent;
  filled(lot);
};
/** The element of a link into the page, also where it is none yet. */
const linked = (link) => {
  const id = link.slice(1);
  if (!document.getElementById(id)) {
    const lot = lots.find((one) => later(one)?.textContent.includes(' id="' + id + '"'));
    if (lot) fill(lot);
  }
  return document.getElementById(id);
};
if (lots.length > 0) {
  document.addEventListener("contentvisibilityautostatechange", ({ skipped, target }) => {
    if (!skipped && target.matches(".lot")) fill(target);
  });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest('a[href^="#"]');
    if (link) linked(link.getAttribute("href"));
  });
  const arrive = () => {
    if (location.hash.length > 1 && !document.getElementById(location.hash.slice(1))) linked(location.hash)?.scrollIntoView();
  };
  addEventListener("hashchange", arrive);
  arrive();
  addEventListener("beforeprint", () => lots.forEach(fill));
  const idle = window.requestIdleCallback ?? ((go) => setTimeout(() => go({ timeRemaining: () => 0 }), 16));
  let next = 0;
  const some = (time) => {
    do fill(lots[next++]);
    while (next < lots.length && time.timeRemaining() > 8);
    if (next < lots.length) idle(some);
  };
  addEventListener("load", () => setTimeout(() => idle(some), 1000));
}
const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const read = (markup) => markup.replace(/<[^>]*>/g, " ").replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => signs[name]);

const filters = document.querySelector("form.filters");
if (filters) {
  const count = filters.querySelector("output");
  const search = filters.querySelector("input[type=search]");
  const boxes = Array.from(filters.querySelectorAll("input[type=checkbox]"));
  const told = (shown, all) => {
    count.textContent = put(count.dataset.count, { shown, all });
  };
  // Looked up when somebody filters: every item by its place, and of each lot (or of the page that has none) the places that it tells of.
  // A lot that is a text yet is read as one: markup in it is only what the page's own printer wrote.
  let items = null;
  const groups = new Map();
  const lookUp = () => {
    items = new Map();
    const add = (at, item) => items.set(at, { data: null, words: null, ...item, fit: true });
    for (const place of lots.length > 0 ? lots : [document]) {
      const markup = later(place)?.textContent;
      if (markup === undefined) {
        const elements = parts(place);
        for (const element of elements.filter((one) => one.matches(".item"))) {
          const words = element.textContent.toLowerCase();
          add(element.dataset.at, { data: element.dataset, text: words, words });
        }
        groups.set(place, { elements, at: elements.map(({ dataset }) => dataset.at ?? dataset.with) });
        continue;
      }
      const at = place.dataset.places.split(" ");
      markup.split("<article ").slice(1).forEach((item, index) => {
        const end = item.indexOf(">");
        add(at[index], { head: item.slice(0, end), text: item.slice(end + 1).toLowerCase() });
      });
      groups.set(place, { elements: null, at });
    }
  };
  const dataOf = (head) =>
    Object.fromEntries(Array.from(head.matchAll(/data-(\\w+)="([^"]*)"/g), ([, key, value]) => [key, read(value)]));
  const isShown = (at) => items.get(at)?.fit ?? true;
  filled = (place) => {
    const group = groups.get(place);
    if (!group) return;
    group.elements ??= parts(place);
    group.elements.forEach((element, index) => {
      const hidden = !isShown(group.at[index]);
      if (element.hidden !== hidden) element.hidden = hidden;
    });
  };
  const apply = () => {
    const wanted = new Map();
    for (const { name, value } of boxes.filter((box) => box.checked)) wanted.set(name, [...(wanted.get(name) ?? []), value]);
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    // A word that has no sign of markup stands in a text as it is.
    const plain = words.filter((word) => !/[&<>"']/.test(word));
    const fits = (item) => {
      if (wanted.size > 0) item.data ??= dataOf(item.head);
      for (const [key, values] of wanted)
        if (!item.data[key].split(" ").some((value) => values.includes(value))) return false;
      if (!plain.every((word) => item.text.includes(word))) return false;
      if (words.length > 0) item.words ??= read(item.text);
      return words.every((word) => item.words.includes(word));
    };
    if (items === null) lookUp();
    let sum = 0;
    for (const item of items.values()) {
      item.fit = fits(item);
      if (item.fit) sum += 1;
    }
    const left = [];
    for (const [place, { elements, at }] of groups) {
      if (place === document) {
        filled(place);
        continue;
      }
      const shown = at.filter(isShown).length;
      place.hidden = shown === 0;
      if (shown === 0) continue;
      // How high it is where nobody has scrolled to it yet.
      place.style.setProperty("--shown", shown);
      if (elements !== null) filled(place);
      else left.push(place);
    }
    // So few are elements at once, for whoever looks on with the browser's own search.
    if (left.length < 10) left.forEach(fill);
    told(sum, items.size);
  };
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply));
  // A browser may bring back what was chosen before.
  if (search.value !== "" || boxes.some((box) => box.checked)) apply();
  else told(count.dataset.all, count.dataset.all);
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
    output.textContent = put(done, { count: given.length, file });
  });
  addEventListener("beforeunload", (event) => {
    if (written() !== saved) event.preventDefault();
  });
}
`;

/** SHA-256 (base64) of the text above, for the page's policy. */
export const scriptHash = "sVna80LncBxg9RuaWXACpGWcRbSijzedgcjvicoaQWc=";
