// Keyboard shortcuts, and a palette to go to pages. Single-key shortcuts are off in fields and
// can be turned off (WCAG 2.1.4).
"use strict";
(() => {
  const on = () => { try { return localStorage.getItem("neptun-keys") !== "off"; } catch { return true; } };
  const rows = () => [...document.querySelectorAll("table.table .rows > tr")];
  const row = () => document.activeElement.closest?.(".rows > tr");
  const go = (selector) => document.querySelector(selector)?.click();
  const signedIn = () => !!document.body.dataset.user;

  const places = [
    ["h", "/", "Start"], ["i", "/installations", "Installations"], ["r", "/repositories", "Repositories"], ["m", "/imports", "Imports"], ["t", "/tokens", "API tokens"],
    ["c", "/access", "Access check"], ["a", "/account", "Account"], ["s", "/account/sessions", "Sessions"], ["v", "/views", "Saved views"], ["d", "/docs", "API reference"],
  ];
  const help = [
    ["/", "Search"], ["j k", "Next and previous row"], ["x", "Select the row"], ["i", "Import or remove the row"],
    ["u", "Undo the last action"], ["Ctrl K", "Go to…"], ["?", "This help"], ["Esc", "Close"],
    ...places.map(([letter, , name]) => [`g ${letter}`, name]),
  ];

  function move(step) {
    const list = rows(), at = list.indexOf(row());
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step))];
    next?.querySelector(".pick input")?.focus();
  }

  const actions = {
    "/": () => document.querySelector("#q, #repository, #lookup-query")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => row()?.querySelector(".pick input")?.click(),
    i: () => row()?.querySelector(".do button:not(:disabled)")?.click(),
    u: () => go("[data-undo]"),
    "?": () => open(helpDialog()),
  };

  let leading = 0; // when g was pressed
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k" && signedIn()) {
      event.preventDefault();
      return open(palette());
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !on() || !signedIn()) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]")) return;
    if (Date.now() - leading < 1500) {
      leading = 0;
      const place = places.find(([letter]) => letter === event.key);
      if (place) {
        event.preventDefault();
        location.assign(place[1]);
      }
      return;
    }
    if (event.key === "g") {
      leading = Date.now();
      return;
    }
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    node.append(...children);
    return node;
  }

  function dialog(id, label) {
    const node = element("dialog", { id, "aria-label": label, class: "dialog" });
    node.addEventListener("close", () => node.remove());
    node.addEventListener("click", (event) => { if (event.target === node) node.close(); });
    return node;
  }
  function open(node) {
    if (!node || document.querySelector("dialog[open]")) return;
    document.body.append(node);
    node.showModal();
  }

  function helpDialog() {
    const node = dialog("keys-help", "Keyboard shortcuts"), list = element("dl", { class: "keys" });
    for (const [keys, text] of help) {
      list.append(element("div", {}, element("dt", {}, ...keys.split(" ").map((key) => element("kbd", {}, key))), element("dd", {}, text)));
    }
    const box = element("input", { type: "checkbox", id: "keys-on" });
    box.checked = on();
    box.addEventListener("change", () => { try { localStorage.setItem("neptun-keys", box.checked ? "on" : "off"); } catch {} });
    const close = element("button", { class: "btn", type: "button" }, "Close");
    close.addEventListener("click", () => node.close());
    node.append(element("h2", {}, "Keyboard shortcuts"), list,
      element("label", { class: "option" }, box, element("span", {}, "Use single-key shortcuts")), close);
    return node;
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-help]")) open(helpDialog()); });

  // The palette lists pages immediately, accounts and repositories as they are found.
  function palette() {
    const node = dialog("palette", "Go to");
    const input = element("input", {
      type: "search", placeholder: "Go to an account, repository or page", "aria-label": "Go to", role: "combobox",
      "aria-expanded": "true", "aria-controls": "palette-list", autocomplete: "off", spellcheck: "false",
    });
    const list = element("ul", { id: "palette-list", role: "listbox", "aria-label": "Results" });
    node.append(input, list);
    let options = [], at = 0, asked = 0, timer;

    function draw() {
      at = Math.min(at, Math.max(0, options.length - 1));
      list.replaceChildren(...options.map(({ text, kind }, n) => element("li", { role: "option", id: `palette-${n}`, "aria-selected": String(n === at) },
        element("span", {}, text), element("span", { class: "soft small" }, kind))));
      if (options.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
      else input.removeAttribute("aria-activedescendant");
      list.children[at]?.scrollIntoView({ block: "nearest" });
    }
    const fits = (text) => text.toLowerCase().includes(input.value.trim().toLowerCase());
    function here() {
      const found = places.filter(([, , name]) => fits(name)).map(([, url, text]) => ({ text, kind: "Page", run: () => location.assign(url) }));
      for (const [selector, text] of [["#sync-now", "Sync now"], ["[data-select-matching]", "Select all"], ["[data-clear-selection]", "Clear selection"]]) {
        const button = document.querySelector(selector);
        if (button && !button.hidden && fits(text)) found.push({ text, kind: "Action", run: () => button.click() });
      }
      return found;
    }
    async function ask() {
      const turn = ++asked, query = encodeURIComponent(input.value.trim());
      const get = async (url) => {
        try {
          const response = await fetch(url, { headers: { Accept: "application/json" } });
          return response.ok ? await response.json() : [];
        } catch { return []; }
      };
      const [accounts, imports, repositories] = await Promise.all([
        get(`/api/users/me/installations?per_page=8&q=${query}`),
        query ? get(`/api/users/me/imports?per_page=8&q=${query}`) : [],
        query ? get(`/api/users/me/repositories?per_page=8&q=${query}`) : [],
      ]);
      if (turn !== asked) return;
      const seen = new Set(), list = here();
      const add = (text, kind, url) => {
        if (!seen.has(text)) list.push({ text, kind, run: () => location.assign(url) });
        seen.add(text);
      };
      for (const one of accounts) add(one.github_account_login, "Account", `/installations/${one.id}`);
      for (const one of repositories) add(one.full_name, "Repository", `/installations/${one.installation_id}?q=${encodeURIComponent(one.name)}`);
      for (const one of imports) {
        add(`${one.repository_owner}/${one.repository_name}`, "Import", `/installations/${one.github_app_installation_id}?q=${encodeURIComponent(one.repository_name)}`);
      }
      options = list;
      draw();
    }
    function run(option) {
      node.close();
      option?.run();
    }
    input.addEventListener("input", () => {
      options = here();
      at = 0;
      draw();
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        at = (at + step + options.length) % Math.max(1, options.length);
        draw();
      } else if (event.key === "Enter") {
        event.preventDefault();
        run(options[at]);
      }
    });
    list.addEventListener("click", (event) => {
      const n = [...list.children].indexOf(event.target.closest("li"));
      if (n >= 0) run(options[n]);
    });
    options = here();
    draw();
    ask();
    return node;
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) open(palette()); });
})();
