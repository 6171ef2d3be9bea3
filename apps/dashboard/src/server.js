import { serve } from "@spectral/service";

await serve({ service: "dashboard", pages: new URL("../dist/", import.meta.url) });
