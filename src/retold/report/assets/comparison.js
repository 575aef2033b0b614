"use strict";
// Two choices show one pair of versions; the others wait.
for (const form of document.querySelectorAll("form.versions")) {
  const pairs = [...document.getElementById(form.dataset.pairs).querySelectorAll("details.pair")];
  const show = () => {
    const chosen = [form.elements.a.value, form.elements.b.value];
    for (const pair of pairs) {
      const isChosen = chosen.includes(pair.dataset.a) && chosen.includes(pair.dataset.b) && chosen[0] !== chosen[1];
      pair.hidden = !isChosen;
      pair.open = isChosen;
    }
    form.querySelector("output").textContent = pairs.every((pair) => pair.hidden) ? "Choose two different versions." : "";
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  if (pairs.length) {
    form.elements.a.value = pairs[0].dataset.a;
    form.elements.b.value = pairs[0].dataset.b;
    show();
  }
}
