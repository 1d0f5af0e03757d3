"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (id) => document.getElementById(id);
  const steps = all(".step");
  const shelves = all(".shelf");
  const bar = one("bar");
  const number = (count) => count.toLocaleString("en");
  const wordsOf = (field) => field.value.toLowerCase().split(/\s+/).filter(Boolean);

  const cells = one("cells");
  if (cells) {
    const rows = all("#matrix tbody tr");
    const pick = () => {
      const words = wordsOf(one("row"));
      const wanted = one("standing").value;
      let count = 0;
      rows.forEach((row) => {
        const text = row.firstElementChild.textContent.toLowerCase();
        const stands = !wanted || Array.from(row.querySelectorAll("td[data-standing]")).some((cell) =>
          wanted === "*" ? cell.dataset.standing !== "ok" : cell.dataset.standing === wanted);
        row.hidden = !(stands && words.every((word) => text.includes(word)));
        count += row.hidden ? 0 : 1;
      });
      const total = `${number(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
      one("rows").textContent = count === rows.length ? total : `${number(count)} of ${total}`;
    };
    one("row").addEventListener("input", pick);
    one("standing").addEventListener("change", pick);
    cells.addEventListener("submit", (event) => { event.preventDefault(); pick(); });
  }

  if (!bar) return;
  const find = one("find");
  const shelf = one("shelf");
  const shown = one("shown");
  const none = one("none");
  const boxes = all("input[name=action]");
  let cards = null;

  // What is alike in all of a card is searched with each of its members: both are what a person sees of a step.
  const read = () => steps.map((step) => {
    const members = Array.from(step.querySelectorAll(".member"));
    const own = members.map((member) => member.textContent.toLowerCase());
    const head = step.querySelector(".head").textContent.toLowerCase();
    const table = step.querySelector(".values table:not(.each)");
    const common = members.length ? head + (table ? table.textContent.toLowerCase() : "") : step.textContent.toLowerCase();
    return { step, members, own, common, home: step.parentElement };
  });

  const put = (scope, counts) => scope.forEach((item) => {
    const text = number(counts[item.dataset.count] || 0);
    if (item.textContent !== text) item.textContent = text;
  });

  const filter = () => {
    cards ??= read();
    const words = wordsOf(find);
    const actions = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const picked = shelf ? shelf.value : "";
    let count = 0;
    let total = 0;
    const sums = {};
    const homes = new Map();
    cards.forEach((card) => {
      const action = card.step.dataset.action;
      const may = actions.has(action) && (!picked || card.home.dataset.shelf === picked);
      const fits = (text) => may && words.every((word) => card.common.includes(word) || text.includes(word));
      let hits = 0;
      card.members.forEach((member, index) => {
        const hit = fits(card.own[index]);
        if (member.hidden === hit) member.hidden = !hit;
        hits += hit ? 1 : 0;
      });
      if (!card.members.length) hits = fits("") ? 1 : 0;
      const size = card.members.length || 1;
      total += size;
      if (card.step.hidden !== !hits) card.step.hidden = !hits;
      const part = card.step.querySelector(".part-of");
      if (part) {
        part.hidden = hits === size;
        part.firstElementChild.textContent = number(hits);
      }
      if (!hits) return;
      const seen = homes.get(card.home);
      card.step.classList.toggle("first", !seen);
      const own = seen || {};
      own[action] = (own[action] || 0) + hits;
      homes.set(card.home, own);
      sums[action] = (sums[action] || 0) + hits;
      count += hits;
    });
    shelves.forEach((section) => {
      section.hidden = !homes.has(section);
      put(Array.from(section.querySelectorAll("h2 [data-count]")), homes.get(section) || {});
    });
    put(all(".tile [data-count]"), sums);
    all(".of").forEach((item) => { item.hidden = count === total; });
    const whole = number(total);
    shown.textContent = count === total ? `${whole} ${total === 1 ? "step" : "steps"}` : `${number(count)} of ${whole} steps`;
    none.hidden = count > 0;
  };

  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); };
  const setAll = (open) => all(".members").forEach((list) => { if (!list.closest("[hidden]")) list.open = open; });
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
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
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
    } else if (event.key === "Enter" && document.activeElement.classList.contains("step")) {
      const list = document.activeElement.querySelector(".members");
      if (list) list.open = !list.open;
    } else if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
    }
  });

  const reveal = () => {
    const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!wanted || !wanted.matches(".step, .member")) return;
    const list = wanted.closest(".members");
    if (list) list.open = true;
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
