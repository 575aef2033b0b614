"use strict";
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const table = document.getElementById("articles");
  const rows = table ? all("tbody tr", table) : [];

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

  // A link of the table opens its article.
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper everything is open.
  let shut = [];
  addEventListener("beforeprint", () => {
    shut = all("details:not([open])");
    shut.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => shut.forEach((one) => { one.open = false; }));

  // Sorting: numbers fall at the first click, words rise.
  const value = (row, key) => (key === "p" || key === "words" || key === "marks" ? Number(row.dataset[key]) : row.dataset[key]);
  const compare = (x, y) => (typeof x === "number" ? x - y : x.localeCompare(y));
  if (table) all("th[data-key]", table).forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const key = head.dataset.key;
      const was = head.getAttribute("aria-sort");
      const isNumber = rows.length > 0 && typeof value(rows[0], key) === "number";
      const falls = was ? was === "ascending" : isNumber;
      all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      rows.sort((a, b) => (falls ? -1 : 1) * compare(value(a, key), value(b, key)));
      table.tBodies[0].append(...rows);
    });
  });

  // Filters: a row and its article are shown if they pass every one.
  const form = document.getElementById("filters");
  const apply = () => {
    const wanted = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const row of rows) {
      const d = row.dataset;
      const passes = (!wanted.label || d.label === wanted.label) && (!wanted.pivot || d.pivot === wanted.pivot)
        && (!wanted.folder || d.folder === wanted.folder)
        && (!Number(wanted.p) || Number(d.p) * 100 >= Number(wanted.p))
        && (!Number(wanted.words) || Number(d.words) >= Number(wanted.words));
      row.hidden = !passes;
      document.getElementById(d.article).hidden = !passes;
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
