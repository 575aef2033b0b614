"use strict";
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const table = document.getElementById("articles");
  const number = (cell) => Number(cell.textContent.replaceAll(",", ""));
  // What is known of an article, read from its row.
  const rows = (table ? [...table.tBodies[0].rows] : []).map((row) => {
    const [id, , , words, pivot, marks] = row.cells;
    const name = id.textContent;
    return {
      row, id: name, label: row.className, p: Number(row.dataset.p), words: number(words), pivot: pivot.textContent,
      marks: number(marks), folder: name.slice(0, Math.max(name.lastIndexOf("/"), 0)), hash: id.firstElementChild.hash,
    };
  });

  // Marks: a button opens its reason after itself; the reasons stand in a list under the article.
  const close = (mark) => {
    mark.nextElementSibling.remove();
    mark.setAttribute("aria-expanded", "false");
  };
  const open = (mark) => {
    const note = document.createElement("span");
    note.className = "note";
    note.setAttribute("role", "note");
    note.textContent = document.getElementById(mark.dataset.reason).textContent;
    mark.after(note);
    mark.setAttribute("aria-expanded", "true");
  };
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("button.m");
    if (mark) (mark.getAttribute("aria-expanded") === "true" ? close : open)(mark);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all("button.m[aria-expanded=true]").forEach(close);
  });

  // Sorting: numbers fall at the first click, words rise.
  const compare = (x, y) => (typeof x === "number" ? x - y : x.localeCompare(y));
  if (table) all("th[data-key]", table).forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const key = head.dataset.key;
      const was = head.getAttribute("aria-sort");
      const isNumber = rows.length > 0 && typeof rows[0][key] === "number";
      const falls = was ? was === "ascending" : isNumber;
      all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      rows.sort((a, b) => (falls ? -1 : 1) * compare(a[key], b[key]));
      table.tBodies[0].append(...rows.map((one) => one.row));
    });
  });

  // Filters: a row and its article are shown if they pass every one.
  const form = document.getElementById("filters");
  const apply = () => {
    const wanted = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const d of rows) {
      const passes = (!wanted.label || d.label === wanted.label) && (!wanted.pivot || d.pivot === wanted.pivot)
        && (!wanted.folder || d.folder === wanted.folder)
        && (!Number(wanted.p) || d.p * 100 >= Number(wanted.p))
        && (!Number(wanted.words) || d.words >= Number(wanted.words));
      if (passes === d.row.hidden) {
        d.row.hidden = !passes;
        document.getElementById(d.hash.slice(1)).hidden = !passes;
      }
      shown += passes ? 1 : 0;
    }
    form.querySelector("output").textContent = `${shown} of ${rows.length} shown`;
  };
  if (form) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }
}
