// What htmx and HTML can't do. Every page works without this file.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // Menus close on Escape and on a click elsewhere.
  const menus = "details:is(.account, .all, .more)[open]";
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
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-close]");
    if (button) button.closest("details").open = false;
  });

  // The theme switch. static/theme.js sets the theme before the first paint.
  const themes = () => all("[name=theme]");
  addEventListener("pageshow", () => {
    const now = document.documentElement.dataset.theme ?? "";
    for (const choice of themes()) choice.checked = choice.value === now;
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[name=theme]")) return;
    const { value } = event.target;
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    try {
      if (value) localStorage.setItem("neptun-theme", value);
      else localStorage.removeItem("neptun-theme");
    } catch {} // then it applies to this page only
  });

  // Show times in the user's time zone; the server only knows UTC.
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" });
  const short = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  function localTimes() {
    for (const time of all("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(+at)) continue;
      time.title = full.format(at);
      if (time.matches(".clock") && at.toDateString() === new Date().toDateString()) time.textContent = short.format(at);
    }
  }
  addEventListener("pageshow", localTimes);
  document.addEventListener("htmx:after:swap", localTimes);

  // Copy buttons, if the browser allows access to the clipboard.
  const copyable = () => { for (const button of all("[data-copy]")) button.hidden = !navigator.clipboard; };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const named = document.getElementById(button.dataset.copy), announcement = document.getElementById("announcement");
    // If there are several texts, copy the visible one.
    const field = named.value === undefined ? [...named.children].find((text) => text.checkVisibility()) : named;
    if (field.select) field.select();
    else getSelection().selectAllChildren(field);
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
      announcement.textContent = "Copied.";
      button.classList.add("done");
    } catch {
      announcement.textContent = "The text is selected. Press Ctrl+C or ⌘C to copy it.";
    }
  });
  addEventListener("pageshow", copyable);
  document.addEventListener("htmx:after:swap", copyable);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input.copy")) event.target.select();
  });

  // A hidden tab doesn't poll, and empty fields are left out of the URL.
  document.addEventListener("htmx:config:request", (event) => {
    const { request, sourceEvent, sourceElement } = event.detail.ctx;
    if (sourceEvent?.type === "every" && document.hidden) return event.preventDefault();
    // Typing replaces the URL; selecting an option adds to the history.
    if (sourceElement?.matches?.("form.filter") && sourceEvent?.type !== "input") {
      event.detail.ctx.push = "true";
      event.detail.ctx.replace = undefined;
    }
    if (request.method !== "GET") return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  });

  // Notices of an action overlay the page, so that it doesn't jump. Those that the page was
  // loaded with stay in place.
  const overlayNotices = () => document.getElementById("notices").classList.remove("loaded");
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.request.method !== "GET") overlayNotices();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".notice").remove());

  // Errors of a proxy or the network are shown like Neptun's own errors, until a request
  // succeeds.
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
    const { ctx } = event.detail, shown = document.querySelector(".notice.lost");
    if (!ctx || ctx.response || shown?.dataset.away) return;
    const notice = failure("Neptun couldn't be reached. Check your connection and try again.");
    notice.dataset.away = true;
    document.getElementById("notices").replaceChildren(notice);
    overlayNotices();
    if (ctx.request.method === "GET" && ctx.sourceElement?.matches?.("form.filter")) again = ctx.sourceElement;
  });
  // Repeat a search that failed offline.
  let again;
  addEventListener("online", () => {
    if (again?.isConnected) again.requestSubmit();
    again = undefined;
  });

  // After a swap that removed the focused element, focus the row that took its place, or the
  // filter's field.
  let place;
  document.addEventListener("htmx:before:swap", () => {
    const at = document.activeElement, row = at?.closest?.(".rows > *");
    place = row ? { index: [...row.parentNode.children].indexOf(row), part: at.matches(".pick input") ? ".pick input" : ".do button" }
      : at?.matches?.("#results a, #results button, #repositories a, #imports a") ? { index: -1 } : undefined;
  });
  function refocus() {
    if (!place || (document.activeElement && document.activeElement !== document.body)) return;
    const rows = all(".rows > *"), row = rows[Math.min(place.index, rows.length - 1)];
    const target = place.index >= 0 && row ? row.querySelector(place.part) : document.querySelector(".chips a, #q");
    (target ?? document.getElementById("main")).focus({ preventScroll: true });
    place = undefined;
  }

  // Announce the new content of a list to screen readers, and update the title.
  document.addEventListener("htmx:after:swap", (event) => {
    const { target, response } = event.detail.ctx;
    refocus();
    if (response.status >= 400) overlayNotices();
    if (["results", "repositories", "imports"].includes(target?.id)) {
      const announcement = document.getElementById("announcement"), now = document.querySelector(".found, #results h2")?.textContent ?? "";
      if (announcement.textContent !== now) announcement.textContent = now;
      document.title = document.querySelector("[data-title]")?.dataset.title ?? document.title;
    }
  });
})();
