// Sets light or dark before anything is painted. A plain script on purpose: modules run too late and the page would flash.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wished = root.dataset.yTheme;
    root.setAttribute("data-bs-theme", wished === "dark" || (wished !== "light" && dark.matches) ? "dark" : "light");
  };
  apply();
  dark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-y-theme"] });
})();
