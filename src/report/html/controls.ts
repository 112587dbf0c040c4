/** What a reader can operate: filters, fields for answers, and their export. All of it waits for the page's script. */
import type { AnswerExport, AnswerField, Filters } from "../document.ts";
import { type Html, html } from "./escape.ts";

export function filterForm({ title, search, reset, count, all, by }: Filters): Html {
  const groups = by.map(
    ({ key, title: legend, choices }) =>
      html`<fieldset><legend>${legend}</legend>${choices.map(
        ({ value, label }) =>
          html`<label class="choice"><input type="checkbox" name="${key}" value="${value}"> ${label}</label>`,
      )}</fieldset>\n`,
  );
  return html`<form class="filters" role="search" aria-label="${title}" data-live="" hidden="">
<label class="search"><span>${search}</span><input type="search" autocomplete="off"></label>
${groups}<div class="row"><button type="reset" class="quiet">${reset}</button><output aria-live="polite" data-count="${count}" data-all="${all}"></output></div>
</form>\n`;
}

/** The line break after the tag is none of the field's: a parser drops it. */
export const answerField = ({ id, question, label, value }: AnswerField): Html =>
  html`<div class="answer" data-live="" hidden=""><label>${label}<textarea data-id="${id}" data-question="${question}">
${value}</textarea></label></div>\n`;

/** Its beginning: the hint and the end of the box follow. */
export const answerExport = ({ file, head, button, done, empty }: AnswerExport): Html =>
  html`<div class="export" data-live="" hidden="" data-file="${file}" data-head="${head}" data-done="${done}" data-empty="${empty}">
<div class="row"><button type="button">${button}</button><output aria-live="polite"></output></div>
`;
