// The selection of a list is kept across pages, filters and live updates, in this tab, until it
// is used or cleared. Without this file the selection is the checked boxes of one page.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = () => document.querySelector("form[data-selects]");
  const boxes = () => all("form[data-selects] [name=repository_ids]:not([type=hidden])");
  const counted = (n) => `${n.toLocaleString("en")} ${n === 1 ? "repository" : "repositories"}`;
  const announce = (text) => { document.getElementById("announcement").textContent = text; };

  // The full name by id, for copying.
  const key = () => `neptun-selection ${document.body.dataset.user} ${form().dataset.selects}`;
  function load() {
    try { return new Map(JSON.parse(sessionStorage.getItem(key()) ?? "[]")); } catch { return new Map(); }
  }
  function store(selection) {
    try {
      if (selection.size) sessionStorage.setItem(key(), JSON.stringify([...selection]));
      else sessionStorage.removeItem(key());
    } catch {} // storage may be full or blocked: then the page's own boxes count
  }
  const nameOf = (box) => document.getElementById(box.getAttribute("aria-labelledby"))?.querySelector("a")?.pathname.slice(1)
    ?? document.getElementById(box.getAttribute("aria-labelledby"))?.textContent.trim() ?? box.value;

  function draw() {
    if (!form()) return;
    const selection = load(), list = boxes(), checked = list.filter((box) => selection.has(box.value));
    for (const box of list) box.checked = selection.has(box.value);
    form().classList.toggle("selecting", selection.size > 0);
    const elsewhere = selection.size - checked.length;
    for (const span of all("[data-selected-count]")) span.textContent = selection.size ? `(${selection.size.toLocaleString("en")})` : "";
    for (const text of all("[data-selection]")) {
      text.hidden = !selection.size;
      text.textContent = `${selection.size.toLocaleString("en")} selected${elsewhere ? `, ${elsewhere.toLocaleString("en")} not on this page` : ""}`;
    }
    for (const button of all("[data-clear-selection]")) button.hidden = !selection.size;
    for (const button of all("[data-copy-selection]")) button.hidden = !selection.size || !navigator.clipboard;
    for (const button of all("[data-select-matching]")) button.hidden = selection.size.toLocaleString("en") === button.dataset.selectMatching;
    for (const box of all("[data-select-all]")) {
      box.checked = checked.length > 0 && checked.length === list.length;
      box.indeterminate = checked.length > 0 && checked.length < list.length;
    }
  }

  function put(list, on) {
    const selection = load();
    for (const box of list) {
      if (on) selection.set(box.value, nameOf(box));
      else selection.delete(box.value);
    }
    store(selection);
    draw();
  }

  // With Shift, select everything from the last clicked box.
  let anchor;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("form[data-selects] [name=repository_ids]")) return;
    const list = boxes(), from = list.findIndex((other) => other.value === anchor), to = list.indexOf(box);
    const range = event.shiftKey && from >= 0 ? list.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    anchor = box.value;
    put(range, box.checked);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) put(boxes(), event.target.checked);
  });

  // To select all matches on all pages, get their ids from the API once.
  async function selectMatching(button) {
    button.disabled = true;
    try {
      const response = await fetch(form().dataset.source, { headers: { Accept: "application/x-ndjson" } });
      if (!response.ok) throw new Error(response.status);
      const selection = load();
      for (const line of (await response.text()).split("\n")) {
        if (!line) continue;
        const row = JSON.parse(line);
        const [id, name] = row.repository_id ? [row.repository_id, `${row.repository_owner}/${row.repository_name}`] : [row.id, row.full_name];
        selection.set(String(id), name);
      }
      store(selection);
      draw();
      announce(`${counted(selection.size)} selected.`);
    } catch {
      announce("The repositories couldn't be loaded. Try again.");
    }
    button.disabled = false;
  }

  function clear() {
    store(new Map());
    draw();
    announce("Selection cleared.");
    boxes()[0]?.focus();
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-select-matching], [data-clear-selection], [data-copy-selection]");
    if (!button) return;
    if (button.matches("[data-select-matching]")) return selectMatching(button);
    if (button.matches("[data-clear-selection]")) return clear();
    try {
      await navigator.clipboard.writeText([...load().values()].join("\n") + "\n");
      announce(`${counted(load().size)} copied.`);
    } catch {
      announce("Copying was refused by the browser.");
    }
  });

  // Submit the selection of other pages too, and clear it after success. A row's own button
  // leaves it unchanged.
  let submitted;
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    for (const field of all("input[data-carried]", event.target)) field.remove();
    submitted = undefined;
    if (event.submitter?.name) return;
    submitted = key();
    const here = new Set(boxes().map((box) => box.value));
    for (const id of load().keys()) {
      if (here.has(id)) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "repository_ids", value: id });
      field.dataset.carried = true;
      event.target.append(field);
    }
    // A download doesn't clear the selection.
    if (event.submitter?.matches("[data-download]")) {
      submitted = undefined;
      event.stopPropagation();
    }
  }, true);
  document.addEventListener("htmx:before:swap", (event) => {
    const { request, response } = event.detail.ctx;
    if (request.method === "GET" || response.status >= 400 || !submitted) return;
    try { sessionStorage.removeItem(submitted); } catch {}
    submitted = undefined;
  });

  document.addEventListener("htmx:after:swap", draw);
  // The selected repositories were imported or removed. Clear them once, as soon as the page says
  // so: not again when the browser goes back to this page.
  const used = document.querySelector("[data-selection-used]");
  if (used) try { sessionStorage.removeItem(`neptun-selection ${document.body.dataset.user} ${used.dataset.selectionUsed}`); } catch {}
  addEventListener("pageshow", draw);
})();
