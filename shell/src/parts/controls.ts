import type { Part } from "../loaded";
import { fields } from "./fields";
import { opens } from "./opens";

export const brings: Part = { does: { ...fields, ...opens } };
