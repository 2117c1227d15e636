// Live updates. A region has a topic and the version it was rendered with. A stream sends the
// current versions, and regions with an older version are requested again. This uses EventSource
// instead of htmx's extension, since one stream serves all regions, and only while the page is
// visible.
"use strict";
(() => {
  const lostDelay = 5_000; // before a lost stream is reported
  const pollDelay = 10_000; // before regions with work in progress poll
  const minute = 60_000;
  const pause = (id) => id === "sync" ? 500 : 2_000; // between two updates of a region

  const regions = () => [...document.querySelectorAll("[data-live]")];
  const address = () => location.pathname + location.search;
  const note = document.querySelector("#away .notice");

  let stream, versions = {}, lostAt = Date.now(), tries = 0, again;
  const open = () => stream?.readyState === EventSource.OPEN;

  // A browser has six connections per host for all tabs, so hidden tabs have no stream.
  function follow() {
    clearTimeout(again);
    stream?.close();
    stream = undefined;
    versions = {};
    const topics = new Set(regions().map((region) => region.dataset.live));
    if (document.hidden || !topics.size) return;
    lostAt ??= Date.now();
    stream = new EventSource("/events?topic=" + [...topics].join("&topic="));
    stream.onopen = () => {
      lostAt = undefined;
      tries = 0;
      note.hidden = true;
      age();
    };
    stream.onmessage = (event) => {
      Object.assign(versions, JSON.parse(event.data));
      refresh();
    };
    stream.addEventListener("end", leave);
    stream.onerror = () => {
      lostAt ??= Date.now();
      setTimeout(tell, lostDelay);
      if (stream.readyState === EventSource.CLOSED) refused();
    };
  }

  // The session has ended: any request now leads to the sign-in page.
  function leave() {
    stream.close();
    regions().slice(0, 1).forEach(ask);
  }

  // The browser doesn't retry a rejected stream: the session has ended, too many streams are
  // open, or a proxy doesn't support streams.
  function refused() {
    if (tries === 0) regions().slice(0, 1).forEach(ask);
    again = setTimeout(follow, Math.min(3_000 * 2 ** tries++, minute) * (1 + Math.random() / 4));
  }

  function tell() {
    const lost = stream?.readyState === EventSource.CONNECTING && lostAt && Date.now() - lostAt >= lostDelay;
    if (!navigator.onLine || lost) note.hidden = false;
  }
  addEventListener("offline", tell);
  addEventListener("online", follow);

  // The server renders relative times, so request them again now and then.
  let looked = Date.now();
  function age() {
    if (document.hidden || !open() || Date.now() - looked < minute) return;
    looked = Date.now();
    regions().forEach(ask);
  }
  setInterval(age, minute / 4);
  document.addEventListener("visibilitychange", () => {
    lostAt = undefined;
    follow();
  });

  const wanted = new Map(); // by region: a version, and how often it was requested without getting it
  function refresh() {
    for (const region of regions()) {
      const now = versions[region.dataset.live];
      if (now === "gone") return location.reload(); // its URL shows what happened to it
      if (!now || now === region.dataset.version) continue;
      const [version, times] = wanted.get(region.id) ?? [];
      if (version === now && times >= 5) continue;
      wanted.set(region.id, [now, version === now ? times + 1 : 1]);
      ask(region);
    }
  }

  // Update a region once at a time, and not too often: a list that keeps changing can't be
  // read.
  const asking = new Set(), answered = new Map();
  function ask({ id }) {
    if (asking.has(id)) return;
    asking.add(id);
    setTimeout(async () => {
      const target = document.getElementById(id);
      try {
        if (target && !document.hidden) await htmx.ajax("GET", address(), { source: target, target, swap: "outerMorph" });
      } finally {
        answered.set(id, Date.now());
        asking.delete(id);
      }
      refresh();
    }, Math.max(0, (answered.get(id) ?? 0) + pause(id) - Date.now()));
  }

  // Poll if there is no stream.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceEvent, sourceElement } = event.detail.ctx;
    if (sourceEvent?.type !== "every" || !sourceElement.matches("[data-live]")) return;
    if (!lostAt || Date.now() - lostAt < pollDelay || !navigator.onLine) event.preventDefault();
  });

  // What the user opened stays open.
  htmx.registerExtension("live", {
    htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details")),
  });

  // Rows are changed in place. Added and removed rows don't move the row under the pointer or
  // with the focus, which the user may be about to click, nor the scroll position.
  const firstInSight = () => scrollY > 0
    ? [...document.querySelectorAll(".rows > *")].find((row) => row.getBoundingClientRect().top >= 0) : undefined;
  let held, top, syncing = false;
  document.addEventListener("htmx:before:swap", (event) => {
    const { swap, request } = event.detail.ctx;
    // A requested sync may be over when the response arrives.
    syncing = request.method === "POST" || !!document.querySelector("#sync[hx-get]");
    held = undefined;
    if (swap !== "outerMorph") return;
    if (request.action !== address()) return event.preventDefault(); // requested before the filter changed
    held = document.querySelector(".rows > *:hover") ?? document.activeElement.closest(".rows > *") ?? firstInSight();
    top = held?.getBoundingClientRect().top;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { swap, target } = event.detail.ctx;
    if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
    if (swap === "outerMorph") {
      // Identify options and radios by their position: compare what was rendered with what is selected.
      for (const one of target.querySelectorAll("select.auto:not(:focus)")) {
        one.selectedIndex = Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
      }
      for (const one of target.querySelectorAll("input.auto[type=radio]:not(:focus)")) one.checked = one.defaultChecked;
    }
    // Without a stream, the end of a sync loads the list.
    if (!open() && target?.id === "sync" && syncing && !document.querySelector("#sync[hx-get]")) {
      regions().filter((region) => region.id !== "sync").forEach(ask);
    }
  });

  follow();
})();
