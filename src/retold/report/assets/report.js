"use strict";
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const table = document.getElementById("articles");
  const heads = table ? all("th[data-key]", table) : [];
  // What is known of an article, read from its row: numbers where the column is one of numbers.
  const value = (cell, head) => {
    const shown = cell.dataset.v ?? cell.textContent;
    return head.classList.contains("n") ? Number(shown) : shown;
  };
  const rows = (table ? [...table.tBodies[0].rows] : []).map((row) => {
    const id = row.cells[0].textContent;
    const known = Object.fromEntries(heads.map((head, n) => [head.dataset.key, value(row.cells[n], head)]));
    return { ...known, row, folder: id.slice(0, Math.max(id.lastIndexOf("/"), 0)), hash: row.cells[0].firstElementChild.hash };
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
  heads.forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const key = head.dataset.key;
      const was = head.getAttribute("aria-sort");
      const isNumber = rows.length > 0 && typeof rows[0][key] === "number";
      const falls = was ? was === "ascending" : isNumber;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      rows.sort((a, b) => (falls ? -1 : 1) * compare(a[key], b[key]));
      table.tBodies[0].append(...rows.map((one) => one.row));
    });
  });

  // Filters: a row and its article are shown if they pass every one.
  const form = document.getElementById("filters");
  const passes = (one, field) => !field.name || !field.value
    || (field.type === "number" ? one[field.name] >= Number(field.value) : one[field.name] === field.value);
  const apply = () => {
    let shown = 0;
    for (const one of rows) {
      const isShown = [...form.elements].every((field) => passes(one, field));
      if (isShown === one.row.hidden) {
        one.row.hidden = !isShown;
        document.getElementById(one.hash.slice(1)).hidden = !isShown;
      }
      shown += isShown ? 1 : 0;
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
