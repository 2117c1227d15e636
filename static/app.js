// What htmx and HTML leave to do. Every page works without this file.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const boxes = () => all("[name=repository_ids]");

  // The box that chooses all on the page, and how many are chosen.
  function count() {
    const list = boxes(), chosen = list.filter((box) => box.checked).length;
    for (const span of all("[data-selected-count]")) span.textContent = chosen ? `(${chosen})` : "";
    for (const box of all("[data-select-all]")) {
      box.closest("label").hidden = list.length === 0;
      box.checked = chosen > 0 && chosen === list.length;
      box.indeterminate = chosen > 0 && chosen < list.length;
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches("[data-select-all], [name=repository_ids]")) count();
  });
  addEventListener("pageshow", count);

  // Menus close on Escape and on a click elsewhere.
  const menus = "details:is(.account, .all)[open]";
  document.addEventListener("click", (event) => {
    for (const menu of all(menus)) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all(menus)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  // Where the browser lets us, one press copies; else one copies by hand.
  const copyable = () => { for (const button of all("[data-copy]")) button.hidden = !navigator.clipboard; };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy), said = document.getElementById("said");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
      button.classList.add("done");
    } catch {
      said.textContent = "The text is selected. Press Ctrl+C or ⌘C to copy it.";
    }
  });
  addEventListener("pageshow", copyable);
  document.addEventListener("htmx:after:swap", copyable);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input.copy")) event.target.select();
  });

  // A hidden tab doesn't poll, and empty fields stay out of the address.
  document.addEventListener("htmx:config:request", (event) => {
    const { request, sourceEvent } = event.detail.ctx;
    if (sourceEvent?.type === "every" && document.hidden) return event.preventDefault();
    if (request.method !== "GET") return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  });

  // What an action has to tell is told where one is looking.
  let rest;
  function tell() {
    const notices = document.getElementById("notices");
    notices.classList.remove("toast");
    if (!notices.children.length || notices.getBoundingClientRect().top >= 0) return;
    notices.classList.add("toast");
    clearTimeout(rest);
    rest = setTimeout(() => notices.classList.remove("toast"), 10_000);
  }

  // What fails before Neptun can answer, in a proxy or on the way, is told in
  // the place and the look of Neptun's own errors, until something works again.
  const failure = (text) => {
    const notice = document.createElement("div"), line = notice.appendChild(document.createElement("p"));
    notice.className = "notice error lost";
    line.textContent = text;
    return notice;
  };
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail, { status } = ctx.response;
    if (status < 400) document.querySelector(".notice.lost")?.remove();
    else if (!ctx.text.trimStart().startsWith('<div class="notice')) {
      ctx.text = failure(`Request failed with status ${status}. Try again in a moment.`).outerHTML;
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail, told = document.querySelector(".notice.lost");
    if (!ctx || ctx.response || told?.dataset.away) return;
    const notice = failure("Neptun couldn't be reached. Check your connection and try again.");
    notice.dataset.away = true;
    document.getElementById("notices").replaceChildren(notice);
    tell();
  });

  // Across a swap, ticks stay unless they were just used; a screen reader hears
  // what the list has become.
  let ticked = new Set();
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const used = ctx.request.method !== "GET" && ctx.response.status < 400;
    ticked = new Set(used ? [] : boxes().filter((box) => box.checked).map((box) => box.value));
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { target, request, response } = event.detail.ctx;
    for (const box of boxes()) box.checked ||= ticked.has(box.value);
    count();
    if (request.method !== "GET" || response.status >= 400) tell();
    if (["results", "repositories", "imports"].includes(target?.id)) {
      const said = document.getElementById("said"), now = document.querySelector(".found, #results h2")?.textContent ?? "";
      if (said.textContent !== now) said.textContent = now;
    }
  });
})();
