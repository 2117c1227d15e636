// The API reference with JavaScript: the reader's own header and ids, search while typing, and
// a button to try GET operations.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The page is the same for everybody, so the reader's own parts are loaded separately.
  async function reader() {
    const response = await fetch("/docs/reader", { headers: { Accept: "text/html" } });
    if (response.status !== 200) return;
    const own = new DOMParser().parseFromString(await response.text(), "text/html");
    const ids = own.getElementById("reader"), { user, installation, githubInstallation, operator } = ids.dataset;
    document.querySelector("header.top").replaceWith(own.querySelector("header.top"));
    document.getElementById("reader").replaceWith(ids);
    document.body.dataset.user = user;
    const fill = (text) => {
      if (githubInstallation) text = text.replace(/(\/app\/installations\/)\d+/, `$1${githubInstallation}`);
      return installation ? text.replace(/(\/users\/[^/]+\/installations\/)\d+/, `$1${installation}`) : text;
    };
    for (const code of all(".snippets code")) code.textContent = fill(code.textContent);
    for (const link of all("[data-try]")) {
      link.setAttribute("href", fill(link.getAttribute("href")));
      const needsInstallation = /\/users\/[^/]+\/installations\/\d/.test(link.getAttribute("href"));
      if (link.dataset.tryBy === "operator" ? operator !== undefined : installation || !needsInstallation) link.hidden = false;
    }
  }
  reader().catch(() => {}); // then the examples keep "me"

  const search = document.querySelector("[data-docs-search] input");
  function narrow() {
    const needle = search.value.trim().toLowerCase();
    let found = 0;
    for (const noun of all(".docs .noun")) {
      let here = 0;
      for (const line of all("li", noun)) {
        line.hidden = !line.textContent.replace(/\s+/g, " ").toLowerCase().includes(needle);
        if (!line.hidden) here++;
      }
      noun.hidden = here === 0;
      found += here;
    }
    document.getElementById("none-found").hidden = found > 0;
    document.getElementById("announcement").textContent = needle ? `${found} operations` : "";
  }
  // Search within the results of the server.
  if (search && !search.defaultValue) {
    search.addEventListener("input", narrow);
    search.form.addEventListener("submit", (event) => {
      event.preventDefault();
      all(".docs .noun:not([hidden]) li:not([hidden]) a")[0]?.focus();
    });
    if (search.value) narrow();
  }

  const shown = ["Content-Type", "ETag", "Link", "X-Total-Count", "Retry-After", "X-Request-Id"];
  function show(place, headline, headers, body) {
    const line = document.createElement("p"), text = document.createElement("pre"), code = document.createElement("code");
    line.append(headline);
    text.className = "scroll";
    text.tabIndex = 0;
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", "Response");
    code.append([headers, body].filter(Boolean).join("\n\n"));
    text.append(code);
    place.replaceChildren(line, text);
  }

  // Without this file the link opens the response.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("[data-try]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const place = document.getElementById(link.dataset.try), start = performance.now();
    place.textContent = "Loading…";
    try {
      const response = await fetch(link.href, { headers: { Accept: "application/json" }, cache: "no-store" });
      let body = await response.text();
      const took = Math.round(performance.now() - start);
      try {
        body = JSON.stringify(JSON.parse(body), null, 2);
      } catch {} // show other content unchanged
      const rest = body.length - 20_000;
      if (rest > 0) body = `${body.slice(0, 20_000)}\n… and ${rest} more characters`;
      const headers = shown.filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
      show(place, `${response.status} ${response.statusText}, in ${took} ms`, headers.join("\n"), body);
    } catch {
      show(place, "Neptun couldn't be reached. Check your connection and try again.", "", "");
    }
  });
})();
