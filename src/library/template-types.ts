import type { Cell } from '../data/row-source.js';

/** The names of a template's slots, as a union: `'text'` of `'[soft:20]{text} It was{label}'`; `string` of a string that is not known. */
export type SlotOf<Template extends string> = string extends Template
  ? string
  : Template extends `${infer Before}{${infer Inside}}${infer After}`
    ? Before extends `${string}\\`
      ? SlotOf<After>
      : Named<Inside> | SlotOf<After>
    : never;

type Named<Inside extends string> =
  Trimmed<Inside extends `${infer Name}|${string}` ? Name : Inside> extends infer Name
    ? Name extends 'label'
      ? never
      : Name
    : never;

type Trimmed<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trimmed<Rest> : Text;

/** The keys of a labels object, as the predictions name them. */
export type LabelOf<Labels> = `${keyof Labels & (string | number)}`;

/** A value for each slot of a template. */
export type Fields<Slot extends string> = { readonly [Name in Slot]: Cell };

/** A row that says what is right. @typeParam Given what kind of label stands in the data */
export type LabelledRow<Slot extends string, Given> = Fields<Slot> & { readonly label: Given };

/** A label as data has it; all of it is read as text. */
export type GivenLabel = string | number | boolean;

/** Of a label in the data: one that is not known at compile time passes, a wrong key does not. */
export type RightLabel<Given extends GivenLabel, Label extends string> = string extends Given
  ? unknown
  : number extends Given
    ? unknown
    : boolean extends Given
      ? unknown
      : `${Given}` extends Label
        ? unknown
        : Label;
