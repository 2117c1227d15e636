// Set the user's theme before the first paint.
"use strict";
(() => {
  let theme;
  try { theme = localStorage.getItem("neptun-theme"); } catch {} // storage may be blocked
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
