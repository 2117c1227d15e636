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
  const offlineNotice = document.querySelector("#away .notice");

  let stream, versions = {}, lostAt = Date.now(), tries = 0, retry;
  const open = () => stream?.readyState === EventSource.OPEN;

  // A browser has six connections per host for all tabs, so hidden tabs have no stream.
  function connect() {
    clearTimeout(retry);
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
      offlineNotice.hidden = true;
      refreshTimes();
    };
    stream.onmessage = (event) => {
      Object.assign(versions, JSON.parse(event.data));
      updateOutdated();
    };
    stream.addEventListener("end", endStream);
    stream.onerror = () => {
      lostAt ??= Date.now();
      setTimeout(showOffline, lostDelay);
      if (stream.readyState === EventSource.CLOSED) rejected();
    };
  }

  // The session has ended: any request now leads to the sign-in page.
  function endStream() {
    stream.close();
    regions().slice(0, 1).forEach(update);
  }

  // The browser doesn't retry a rejected stream: the session has ended, too many streams are
  // open, or a proxy doesn't support streams.
  function rejected() {
    if (tries === 0) regions().slice(0, 1).forEach(update);
    retry = setTimeout(connect, Math.min(3_000 * 2 ** tries++, minute) * (1 + Math.random() / 4));
  }

  function showOffline() {
    const lost = stream?.readyState === EventSource.CONNECTING && lostAt && Date.now() - lostAt >= lostDelay;
    if (!navigator.onLine || lost) offlineNotice.hidden = false;
  }
  addEventListener("offline", showOffline);
  addEventListener("online", connect);

  // The server renders relative times, so request them again now and then.
  let updatedAt = Date.now();
  function refreshTimes() {
    if (document.hidden || !open() || Date.now() - updatedAt < minute) return;
    updatedAt = Date.now();
    regions().forEach(update);
  }
  setInterval(refreshTimes, minute / 4);
  document.addEventListener("visibilitychange", () => {
    lostAt = undefined;
    connect();
  });

  const attempts = new Map(); // by region: a version, and how often it was requested without getting it
  function updateOutdated() {
    for (const region of regions()) {
      const now = versions[region.dataset.live];
      if (now === "gone") return location.reload(); // its URL shows what happened to it
      if (!now || now === region.dataset.version) continue;
      const [version, times] = attempts.get(region.id) ?? [];
      if (version === now && times >= 5) continue;
      attempts.set(region.id, [now, version === now ? times + 1 : 1]);
      update(region);
    }
  }

  // Update a region once at a time, and not too often: a list that keeps changing can't be
  // read.
  const pending = new Set(), finishedAt = new Map();
  function update({ id }) {
    if (pending.has(id)) return;
    pending.add(id);
    setTimeout(async () => {
      const target = document.getElementById(id);
      try {
        if (target && !document.hidden) await htmx.ajax("GET", address(), { source: target, target, swap: "outerMorph" });
      } finally {
        finishedAt.set(id, Date.now());
        pending.delete(id);
      }
      updateOutdated();
    }, Math.max(0, (finishedAt.get(id) ?? 0) + pause(id) - Date.now()));
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
  let anchor, anchorTop, syncing = false;
  document.addEventListener("htmx:before:swap", (event) => {
    const { swap, request } = event.detail.ctx;
    // A requested sync may be over when the response arrives.
    syncing = request.method === "POST" || !!document.querySelector("#sync[hx-get]");
    anchor = undefined;
    if (swap !== "outerMorph") return;
    if (request.action !== address()) return event.preventDefault(); // requested before the filter changed
    anchor = document.querySelector(".rows > *:hover") ?? document.activeElement.closest(".rows > *") ?? firstInSight();
    anchorTop = anchor?.getBoundingClientRect().top;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { swap, target } = event.detail.ctx;
    if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - anchorTop, behavior: "instant" });
    if (swap === "outerMorph") {
      // Identify options and radios by their position: compare what was rendered with what is selected.
      for (const one of target.querySelectorAll("select.auto:not(:focus)")) {
        one.selectedIndex = Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
      }
      for (const one of target.querySelectorAll("input.auto[type=radio]:not(:focus)")) one.checked = one.defaultChecked;
    }
    // Without a stream, the end of a sync loads the list.
    if (!open() && target?.id === "sync" && syncing && !document.querySelector("#sync[hx-get]")) {
      regions().filter((region) => region.id !== "sync").forEach(update);
    }
  });

  connect();
})();
