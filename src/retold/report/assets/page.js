"use strict";
{
  // A link of the page opens what it leads to.
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
    shut = [...document.querySelectorAll("details:not([open])")];
    shut.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => shut.forEach((one) => { one.open = false; }));
}
