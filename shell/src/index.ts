import { VitrinePlugin } from "./element";

if (!customElements.get("vitrine-plugin")) customElements.define("vitrine-plugin", VitrinePlugin);
