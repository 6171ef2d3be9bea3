export { default } from "@spectral/service/vite";
