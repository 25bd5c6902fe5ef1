import type { Connection } from "./socket";

/** Shows developers what goes over the connection. */
export const devtools = (connection: Connection, _sheet: CSSStyleSheet): void => {
  connection.spy = undefined;
};
