import { catalog, Component, hash, lists } from "./catalog.gen";
import type { Tools } from "./core";
import type { Extras } from "./mount";
import type { Behaviour } from "./node";
import { canvas, pixels } from "./parts/canvas";
import { chart } from "./parts/chart";
import { readDrawing } from "./parts/drawing";
import { chosen, combobox, numberfield, radiogroup, select, slider, textfield } from "./parts/fields";
import { effect } from "./parts/effects";
import { filefield, upload } from "./parts/files";
import { host } from "./parts/host";
import { looks } from "./parts/looks";
import { details, menuitem, opener, tabs } from "./parts/opens";
import { banner, box, column, dialog, fieldset, icon, progress, table } from "./parts/simple";
import { take } from "./parts/tools";
import type { Kit } from "./table";

const does: Readonly<Record<number, Behaviour>> = {
  [Component.Box]: box, [Component.Textfield]: textfield, [Component.Numberfield]: numberfield, [Component.Select]: select, [Component.Option]: chosen,
  [Component.Slider]: slider, [Component.Table]: table, [Component.Column]: column, [Component.Progress]: progress, [Component.Canvas]: canvas,
  [Component.Filefield]: filefield, [Component.Icon]: icon, [Component.Tabs]: tabs, [Component.Tab]: chosen, [Component.Dialog]: dialog,
  [Component.Popover]: opener, [Component.Menu]: opener, [Component.Menuitem]: menuitem, [Component.Radiogroup]: radiogroup, [Component.Radio]: chosen, [Component.Combobox]: combobox,
  [Component.Banner]: banner, [Component.Chart]: chart, [Component.Series]: chosen, [Component.Details]: details, [Component.Fieldset]: fieldset, [Component.Host]: host,
};

/** What is loaded when the first plugin is there: the catalog, how components look and what they do. */
export function parts(tools: Tools): { kit: Kit; extras: Extras } {
  take(tools);
  return {
    kit: { hash, catalog, lists, looks, does },
    extras: { checkDrawing: readDrawing, effect, upload, pixels: (node) => (node?.kind === Component.Canvas ? pixels(node) : tools.fail("no canvas")) },
  };
}
