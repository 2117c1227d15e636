// Forms are stored in this tab until they are submitted, so that nothing is lost when a session
// ends. Secrets are never stored.
"use strict";
(() => {
  const forms = () => [...document.querySelectorAll("form[data-draft]")];
  const user = document.body.dataset.user;
  const key = (form) => `neptun-draft ${user} ${form.dataset.draft}`;
  const keep = (field) => field.name && !["hidden", "password", "submit", "button"].includes(field.type) && field.name !== "secret" && field.name !== "code";
  const values = (form) => [...form.elements].filter(keep).map((field) =>
    [field.name, field.value, ["checkbox", "radio"].includes(field.type) ? field.checked : null]);

  addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form || !user) return;
    try { sessionStorage.setItem(key(form), JSON.stringify(values(form))); } catch {}
  });
  addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-draft]") || !user) return;
    // Keep the draft until a response shows that it arrived: the next page has no such form, or
    // renders it with the submitted values.
    try { sessionStorage.setItem("neptun-sent", key(event.target)); } catch {}
  });

  function restore() {
    let sent;
    try {
      sent = sessionStorage.getItem("neptun-sent");
      sessionStorage.removeItem("neptun-sent");
      if (sent && user && !document.querySelector("[aria-invalid]")) sessionStorage.removeItem(sent);
    } catch { return; }
    for (const form of forms()) {
      let draft;
      try { draft = JSON.parse(sessionStorage.getItem(key(form)) ?? "null"); } catch {}
      if (!draft || JSON.stringify(draft) === JSON.stringify(values(form))) continue;
      for (const [name, value, checked] of draft) {
        for (const field of [form.elements[name] ?? []].flat().flatMap((one) => one instanceof RadioNodeList ? [...one] : [one])) {
          if (checked === null) field.value = value;
          else if (field.value === value) field.checked = checked;
        }
      }
      document.getElementById("announcement").textContent = "Your unsaved entries were restored.";
      form.classList.add("restored");
    }
  }

  // On the sign-in page, say that nothing is lost.
  const waiting = document.querySelector("[data-kept]");
  if (waiting) {
    try { waiting.hidden = !Object.keys(sessionStorage).some((name) => /^neptun-(draft|selection) /.test(name)); } catch {}
  }
  if (user) addEventListener("pageshow", restore);
  else try { sessionStorage.removeItem("neptun-sent"); } catch {} // it didn't arrive
})();
