import type { Page } from "../node";

/**
 * Whether a plugin may move the keyboard: where the person has it in the plugin, or nowhere. Elsewhere it is the page's, or another plugin's, in
 * whatever root or frame that lies.
 */
export const mayTake = ({ host }: Page): boolean => {
  const { activeElement, body } = document;
  // A document in a frame keeps what had the focus last.
  return (parent === self || document.hasFocus()) && (!activeElement || activeElement === body || (host.getRootNode() as ShadowRoot).activeElement === host);
};
