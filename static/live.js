// Pages that follow what changes. A region names its topic and the version it
// was drawn with; a stream tells the versions of now, and the region is asked
// for anew where they differ. It is EventSource rather than htmx's extension:
// one stream serves all regions of a page, and only while somebody looks.
"use strict";
(() => {
  const patience = 5_000; // before a lost stream is told of
  const giveUp = 10_000; // before regions that have something going on ask by themselves
  const minute = 60_000;
  const pause = (id) => id === "sync" ? 500 : 2_000; // between two answers to one region

  const regions = () => [...document.querySelectorAll("[data-live]")];
  const address = () => location.pathname + location.search;
  const note = document.querySelector("#away .notice");

  let stream, versions = {}, lostAt = Date.now(), tries = 0, again;
  const open = () => stream?.readyState === EventSource.OPEN;

  // A browser has six connections to a host, for all its tabs: one that isn't
  // looked at holds none.
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
      setTimeout(tell, patience);
      if (stream.readyState === EventSource.CLOSED) refused();
    };
  }

  // The session has ended: whoever asks for anything is led to the login.
  function leave() {
    stream.close();
    regions().slice(0, 1).forEach(ask);
  }

  // A stream that was refused isn't opened again by the browser: the session has
  // ended, too many are open, or something on the way doesn't pass streams.
  function refused() {
    if (tries === 0) regions().slice(0, 1).forEach(ask);
    again = setTimeout(follow, Math.min(3_000 * 2 ** tries++, minute) * (1 + Math.random() / 4));
  }

  function tell() {
    const lost = stream?.readyState === EventSource.CONNECTING && lostAt && Date.now() - lostAt >= patience;
    if (!navigator.onLine || lost) note.hidden = false;
  }
  addEventListener("offline", tell);
  addEventListener("online", follow);

  // Ages are told by the clock of the server, so now and then they are asked for.
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

  const wanted = new Map(); // by region: a version, and how often it was asked for in vain
  function refresh() {
    for (const region of regions()) {
      const now = versions[region.dataset.live];
      if (now === "gone") return location.reload(); // its address tells what became of it
      if (!now || now === region.dataset.version) continue;
      const [version, times] = wanted.get(region.id) ?? [];
      if (version === now && times >= 5) continue;
      wanted.set(region.id, [now, version === now ? times + 1 : 1]);
      ask(region);
    }
  }

  // One answer to a region at a time, and not too often: a list that runs can't
  // be read.
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

  // Polling is for where no stream comes through.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceEvent, sourceElement } = event.detail.ctx;
    if (sourceEvent?.type !== "every" || !sourceElement.matches("[data-live]")) return;
    if (!lostAt || Date.now() - lostAt < giveUp || !navigator.onLine) event.preventDefault();
  });

  // What one has opened stays open, whatever the server draws.
  htmx.registerExtension("live", {
    htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details")),
  });

  // Rows are changed in place, and those that come and go don't move the row
  // under the pointer, or with the focus: it is what one is about to click. Nor
  // does what one reads move when something changes above.
  const firstInSight = () => scrollY > 0
    ? [...document.querySelectorAll(".rows > *")].find((row) => row.getBoundingClientRect().top >= 0) : undefined;
  let held, top, syncing = false;
  document.addEventListener("htmx:before:swap", (event) => {
    const { swap, request } = event.detail.ctx;
    syncing = !!document.querySelector("#sync[hx-get]");
    held = undefined;
    if (swap !== "outerMorph") return;
    if (request.action !== address()) return event.preventDefault(); // asked before the filter changed
    held = document.querySelector(".rows > *:hover") ?? document.activeElement.closest(".rows > *") ?? firstInSight();
    top = held?.getBoundingClientRect().top;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { swap, target } = event.detail.ctx;
    if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
    if (swap === "outerMorph") {
      // Options and radios are told apart by their place: as drawn is as chosen.
      for (const one of target.querySelectorAll("select.auto:not(:focus)")) {
        one.selectedIndex = Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
      }
      for (const one of target.querySelectorAll("input.auto[type=radio]:not(:focus)")) one.checked = one.defaultChecked;
    }
    // Where no stream tells, the end of a sync brings the list it made.
    if (!open() && target?.id === "sync" && syncing && !document.querySelector("#sync[hx-get]")) {
      regions().filter((region) => region.id !== "sync").forEach(ask);
    }
  });

  follow();
})();
