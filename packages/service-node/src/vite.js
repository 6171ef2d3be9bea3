/** How the pages are built. */
export default {
  build: {
    rolldownOptions: { input: ["index.html", "error.html"] },
    // The content-security-policy allows this origin only, so an asset must not become a data: URL.
    assetsInlineLimit: 0,
    // Every browser the pages support preloads modules by itself.
    modulePreload: { polyfill: false },
  },
};
