// Tries a GET where it is described. Without this file the link leads to the
// answer itself.
"use strict";
(() => {
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

  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("[data-try]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const place = document.getElementById(link.dataset.try), start = performance.now();
    place.textContent = "Loading…";
    try {
      const answer = await fetch(link.href, { headers: { Accept: "application/json" }, cache: "no-store" });
      let body = await answer.text();
      const took = Math.round(performance.now() - start);
      try {
        body = JSON.stringify(JSON.parse(body), null, 2);
      } catch {} // what is no JSON is shown as it is
      const rest = body.length - 20_000;
      if (rest > 0) body = `${body.slice(0, 20_000)}\n… and ${rest} more characters`;
      const headers = shown.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
      show(place, `${answer.status} ${answer.statusText}, in ${took} ms`, headers.join("\n"), body);
    } catch {
      show(place, "Neptun couldn't be reached. Check your connection and try again.", "", "");
    }
  });
})();
