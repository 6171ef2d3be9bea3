import { serve } from "@spectral/service";
import { askDeployments } from "@spectral/service/api";

await serve({
  service: "operations",
  pages: new URL("../dist/", import.meta.url),
  routes(app, { apiUrl }) {
    app.get("/deployments", async () => ({ deployments: await askDeployments(apiUrl) }));
  },
});
