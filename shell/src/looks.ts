/**
 * How each component stands in the page, by its number. Of each, separated by bars:
 *
 * - the element: tag.class{attribute=value;…}"words"@part(children);
 * - for each property where it is shown: part, then = for its text, . for a property of the element, - for
 *   a data- attribute, # for a number that the sheet uses, ~ for what helps or is wrong with a field, nothing for an attribute;
 *   :constant is set in its place; + joins several, _ is none;
 * - for each event what leads to it; press is a click, or a key on what is no button;
 * - the part that holds the children;
 * - the files that bring what it does, if that is more than this.
 */
const field = (control: string, more = ""): string => `div.field(label(span.label@1 ${control}@2) ${more}p.hint@3 p.error{aria-live=polite}@4)`;
const tick = (attributes: string): string => `div.field.tick(label(input{type=checkbox${attributes}}@2 span@1) p.hint@3 p.error{aria-live=polite}@4)`;
const pop = (more: string, role: string): string => `span.opener(button.button{type=button;${more}}@1 div.pop{popover=auto;role=${role}}@2)`;
const palette = (n: number): string => `div.palette@3(${Array.from({ length: n }, (_, i) => `i.ink${i}`).join(" ")})`;

export const looks: readonly string[] = [
  /* box */ "div.box|-direction -gap -padding -align -justify -wrap -grow -surface -scroll _",
  /* text */ "p.text|= -tone -size -strong -mono aria-live:polite",
  /* heading */ "div.heading{role=heading;aria-level=2}|= aria-level",
  /* button */ "button.button{type=button}|= -variant aria-disabled:true aria-pressed aria-label -icon aria-busy:true|click",
  /* textfield */ `${field("input{type=text;autocomplete=off;maxlength=16384}")}|2.value 1= _ 2placeholder 3~ 4~ 2maxlength 2disabled 2required 2minlength 2rows|input change enter||controls`,
  /* numberfield */ "div.field(label(span.label@1 span.with-unit(input{type=number}@2 span.unit@5)) p.hint@3 p.error{aria-live=polite}@4)|2.value 1= 2min 2max 2step 5= 3~ 4~ 2disabled 2required|change||controls",
  /* select */ "div.field(label(span.label@1 span.choice(select@2)) p.hint@3 p.error{aria-live=polite}@4)|_ 1= 3~ 4~ 2disabled 2required|change|2|controls",
  /* option */ "option|= value disabled",
  /* slider */ "div.field(label(span.head(span.label@1 span.value@5) input{type=range}@2) p.hint@3 p.error@4)|_ 1= 2min 2max _ _ 2disabled|input change||controls",
  /* table */ "div.table{role=region;tabindex=0}(table(caption@1 thead(tr@2) tbody@3))|1=+aria-label -density -hidecaption",
  /* column */ "th{scope=col}(span.sort@3(span.label@1 small@2))|1= -align aria-sort 2=",
  /* row */ "tr|aria-selected:true|press",
  /* cell */ "td|= -tone -align",
  /* progress */ "label.progress(span.head(span.label@1 span.percent@3) progress@2)|_ 1= _",
  /* image */ "img.image{decoding=async;alt=}|src alt width height",
  /* canvas */ `div.canvas(canvas@1 canvas@2 ${palette(7)})|_ aria-label _ _ _ -fluid -cursor|||drawn`,
  /* filefield */ 'div.field(span.label@1 label.drop@5(input.unseen{type=file}@2 span.choose"Choose a file" span.picked{aria-live=polite}@6) div.sending{hidden=}(progress{aria-label=Sending;value=0}@7 button.close{type=button;aria-label=Cancel}) p.hint@3 p.error{aria-live=polite}@4)|1=+2aria-label 2accept _ 3~ 4~ 2disabled|||controls files',
  /* link */ "a.link{target=_blank;rel=noopener noreferrer}|= href -tone -icon|click",
  /* icon */ "span.icon|-icon aria-label+role:img -tone -size",
  /* list */ "ul.list{role=list}|-marks aria-label",
  /* item */ "li.item|= -icon aria-current:true|press",
  /* tabs */ "div.tabs(div.tablist{role=tablist}@1 div@2)|_ 1aria-label|change|2|opens",
  /* tab */ "div.panel{role=tabpanel;tabindex=0}|_ _ _ _",
  /* dialog */ 'dialog.dialog(header(div(p.by@4 div.heading{role=heading;aria-level=2}@1) button.close{type=button;aria-label=Close}) div.content@3(p.text@2))|1=+aria-label -size _ 2=||3|opens',
  /* popover */ `${pop("aria-haspopup=dialog", "group")}|1= 2-side _ 1-icon 1-variant||2|opens`,
  /* menu */ `${pop("aria-haspopup=menu", "menu")}|1= 1aria-label 1-icon 1-variant 1disabled||2|opens`,
  /* menuitem */ "button.menuitem{type=button;role=menuitem;tabindex=-1}|= -tone aria-disabled:true -icon -divided|click||opens",
  /* checkbox */ `${tick("")}|2.checked 1= 3~ 4~ 2disabled 2required 2.indeterminate|change||controls`,
  /* switch */ `${tick(";role=switch")}|2.checked 1= 3~ 4~ 2disabled|change||controls`,
  /* radiogroup */ "div.field(span.label@1 div.radios{role=radiogroup}@2 p.hint@3 p.error{aria-live=polite}@4)|_ 1=+2aria-label 3~ 4~ _ 2-direction 2aria-required:true|change|2|controls",
  /* radio */ "label.radio(input{type=radio}@2 span@1 small@3)|1= 2value _ 3=",
  /* datefield */ `${field("input{type=date}")}|2.value 1= 2type 2min 2max 3~ 4~ 2disabled 2required|change||controls`,
  /* combobox */ `${field("input{autocomplete=off;maxlength=16384}", "datalist@5 ")}|2.value 1= 2placeholder 3~ 4~ 2disabled 2required|input change|5|controls`,
  /* badge */ "span.badge|= -tone -icon",
  /* card */ "article.card(div.heading{role=heading;aria-level=3}@1 p.text@2 div.content@3)|1= 2= 1aria-level 1-icon aria-current:true aria-label|press|3",
  /* divider */ "div.divider{role=separator}|=+aria-label -direction",
  /* skeleton */ "div.skeleton{role=status}(span.unseen@1)|-shape # 1=",
  /* empty */ "div.empty(span@3 div.heading{role=heading;aria-level=3}@1 p.text@2 div.content@4)|1= 2= 3-icon -tone||4",
  /* banner */ "div.banner{role=status;data-tone=info}(div(strong@2 span@1 div.content@3) button.close{type=button;aria-label=Dismiss})|1= -tone 2= -closable||3",
  /* chart */ `div.chart(div.plot{role=img}@1(canvas@2 ${palette(7)}) div.legend@4)|_ 1aria-label # _ _ _ -bare _ _||4|drawn`,
  /* series */ "span.key(i@2 span@1)|_ 1= -tone",
  /* details */ "details.details(summary@1 div.content@2)|.open 1=||2|opens",
  /* code */ "pre.code{dir=ltr}(code@1)|1= aria-label+role:region -wrap|||opens",
  /* grid */ "div.grid|# -gap -min",
  /* facts */ "dl.facts|_ -layout",
  /* fact */ "div.fact(dt@1 dd@4(span@2 small@3))|1= 2= -tone 3=||4",
  /* fieldset */ "fieldset.fieldset(legend@1 p.hint@3 div.content@2 p.error{aria-live=polite}@4)|1= 3= 4= disabled|_|2|controls",
  /* slot */ "div.slot(slot@1)|1name aria-label+role:group||1",
  /* host */ "div.host|_ aria-label _ _|||host",
  /* part */ "div.part|slot",
  /* fallback */ "div.fallback|",
];
