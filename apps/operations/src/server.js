import { serve } from "@spectral/service";

await serve({ service: "operations", pages: new URL("../dist/", import.meta.url) });
