"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (id) => document.getElementById(id);
  const steps = all(".step");
  const shelves = all(".shelf");
  const bar = one("bar");
  if (!bar) return;
  const find = one("find");
  const shelf = one("shelf");
  const shown = one("shown");
  const none = one("none");
  const boxes = all("input[name=action]");
  let texts = null;

  const textOf = (index) => {
    texts ??= steps.map((step) => step.textContent.toLowerCase());
    return texts[index];
  };

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const picked = shelf ? shelf.value : "";
    let count = 0;
    const seen = new Set();
    steps.forEach((step, index) => {
      const home = step.parentElement;
      const fits = actions.has(step.dataset.action) && (!picked || home.dataset.shelf === picked) &&
        words.every((word) => textOf(index).includes(word));
      if (step.hidden === fits) step.hidden = !fits;
      if (!fits) return;
      step.classList.toggle("first", !seen.has(home));
      seen.add(home);
      count += 1;
    });
    shelves.forEach((section) => { section.hidden = !seen.has(section); });
    const total = steps.length.toLocaleString("en");
    shown.textContent = count === steps.length
      ? `${total} ${count === 1 ? "step" : "steps"}` : `${count.toLocaleString("en")} of ${total} steps`;
    none.hidden = count > 0;
  };

  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); };
  const setAll = (open) => steps.forEach((step) => { if (!step.hidden) step.open = open; });
  const reset = () => {
    find.value = "";
    boxes.forEach((box) => { box.checked = true; });
    if (shelf) shelf.value = "";
    filter();
  };

  find.addEventListener("input", soon);
  boxes.forEach((box) => box.addEventListener("change", filter));
  if (shelf) shelf.addEventListener("change", filter);
  bar.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  one("open").addEventListener("click", () => setAll(true));
  one("close").addEventListener("click", () => setAll(false));
  one("reset").addEventListener("click", () => { reset(); find.focus(); });

  const move = (by) => {
    const visible = steps.filter((step) => !step.hidden);
    const at = visible.indexOf(document.activeElement.closest(".step"));
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by];
    if (!next) return;
    const summary = next.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === find) {
      reset();
      find.blur();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      find.focus();
    } else if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
    }
  });

  const reveal = () => {
    const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!wanted || !wanted.classList.contains("step")) return;
    wanted.open = true;
    wanted.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));
})();
