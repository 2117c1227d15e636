// The theme that a user chose, before anything is painted.
"use strict";
(() => {
  let theme;
  try { theme = localStorage.getItem("neptun-theme"); } catch {} // storage may be blocked
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
