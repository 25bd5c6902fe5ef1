import { VitrinePlugin } from "./element";

customElements.get("vitrine-plugin") ?? customElements.define("vitrine-plugin", VitrinePlugin);
