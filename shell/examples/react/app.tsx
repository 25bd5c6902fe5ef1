// A React application that shows a plugin, sets its props, answers it, and supplies a component of its own to it.
import { type HostCall, PluginPoint } from "@vitrine/react";
import { createContext, type ReactNode, useContext, useState } from "react";
import { createRoot } from "react-dom/client";

/** What the application has for all of its components, those in plugins too. */
const Price = createContext(0);

function Seat({ row, taken, call, children }: { row?: number; taken?: boolean; call: HostCall; children: ReactNode }) {
  const [times, count] = useState(0);
  const price = useContext(Price);
  if (row && row > 99) throw new Error("no such row");
  const take = () => {
    count(times + 1);
    call("take", { row });
  };
  return <><button disabled={taken} onClick={take} title={`${price} euros`}>{`Row ${row ?? 0}, asked for ${times} times`}</button>{children}</>;
}

const components = { seat: { props: { row: "number", taken: "bool" }, calls: ["take"], component: Seat } } as const;

function App() {
  const [place, show] = useState("desk");
  const [state, tell] = useState("");
  const [price, ask] = useState(10);
  const [refused, refuse] = useState("");
  return (
    <Price value={price}>
      <p>The plugin is <output>{state}</output></p>
      <button onClick={() => show("elsewhere")}>Show what is elsewhere</button>
      <button onClick={() => ask(price + 1)}>Ask for more</button>
      {refused && <p role="status">{refused}</p>}
      <PluginPoint
        place={place}
        components={components}
        props={{ price }}
        callbacks={{ quote: ({ seats }: { seats: number }) => seats * price }}
        onError={({ code, message }) => refuse(`${code}: ${message}`)}
        loading={<p>It is on its way…</p>}
        error={(message, retry) => <p>It cannot be shown: {message} <button onClick={retry}>Try once more</button></p>}
        onState={tell}
      />
    </Price>
  );
}

createRoot(document.getElementById("app")!).render(<App />);
