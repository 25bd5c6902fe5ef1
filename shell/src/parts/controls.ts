import type { Part } from "../loaded";
import { field } from "./edits";
import { fields } from "./fields";
import { opens } from "./opens";

export const brings: Part = { does: { ...fields, ...opens }, field };
