// The one thing that the page of a printed document does.
// @ts-check
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
