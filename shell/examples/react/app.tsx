// A React application that shows a plugin, sets its props, answers it, and supplies a component of its own to it.
import { type HostCall, PluginPoint } from "@vitrine/react";
import { createContext, type ReactNode, useContext, useState } from "react";
import { createRoot } from "react-dom/client";

/** What the application has for all of its components, those in plugins too. */
const Price = createContext(0);

/** What a plugin shows is in a closed root, where no class of the page's sheet reaches; styles of its own do, and so do custom properties. */
const look = {
  margin: "4px 0", padding: "8px 12px", font: "inherit", color: "var(--vitrine-on-accent, light-dark(#fff, #0b1533))", background: "var(--vitrine-accent, light-dark(#2a5bd7, #86aaff))",
  border: 0, borderRadius: "var(--vitrine-radius, 8px)",
} as const;

function Seat({ row, taken, note, call, children }: { row?: number; taken?: boolean; note?: ReactNode; call: HostCall; children: ReactNode }) {
  const [times, count] = useState(0);
  const price = useContext(Price);
  if (row && row > 99) throw new Error("no such row");
  const take = () => {
    count(times + 1);
    call("take", { row });
  };
  return <><button disabled={taken} onClick={take} style={look} title={`${price} euros`}>{`Row ${row ?? 0}, asked for ${times} times`}</button>{note && <small>{note}</small>}{children}</>;
}

const components = { seat: { props: { row: "number", taken: "bool" }, calls: ["take"], slots: ["note"], component: Seat } } as const;

function App() {
  const [place, show] = useState("desk");
  const [state, tell] = useState("");
  const [price, ask] = useState(10);
  const [refused, refuse] = useState("");
  const [known, know] = useState(0);
  return (
    <Price value={price}>
      <p>The plugin is <output>{state}</output></p>
      <button onClick={() => show("elsewhere")}>Show what is elsewhere</button>
      <button onClick={() => ask(price + 1)}>Ask for more</button>
      {known > 0 && <p>It asks {known} euros.</p>}
      {refused && <p role="status">{refused}</p>}
      <PluginPoint
        place={place}
        components={components}
        props={{ price }}
        callbacks={{ quote: ({ seats }: { seats: number }) => seats * price }}
        onPropsTaken={(props) => know(props.price as number)}
        onError={({ code, message }) => refuse(`${code}: ${message}`)}
        loading={<p>It is on its way…</p>}
        error={(message, retry) => <p>It cannot be shown: {message} <button onClick={retry}>Try once more</button></p>}
        onState={tell}
      />
    </Price>
  );
}

createRoot(document.getElementById("app")!).render(<App />);
