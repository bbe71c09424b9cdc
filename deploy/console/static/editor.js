// The editor of the SQL page: highlighting, and completion from what whoever asks may ask about. Without it the box below it is used, which
// stays what the form sends. It stands in a shadow tree, since its styles are made by script, which no page of ours lets into itself.
"use strict";

(() => {
  const box = document.querySelector("#sql");
  const place = document.querySelector("#editor");
  if (box === null || place === null || typeof CodeMirror === "undefined") return;
  const {
    EditorState, EditorView, HighlightStyle, LanguageSupport, Prec, SQLDialect, acceptCompletion, autocompletion, bracketMatching,
    closeCompletion, completionKeymap, defaultKeymap, drawSelection, highlightActiveLine, history, historyKeymap, keymap, lineNumbers, placeholder,
    schemaCompletionSource, syntaxHighlighting, tags,
  } = CodeMirror;

  // What the door answers; words of statements that it refuses are not offered.
  const keywords =
    "select from where group by having order limit offset with as join left right full inner outer cross lateral on using union all except " +
    "intersect distinct case when then else end and or not in between like ilike similar to is null true false exists over partition rows " +
    "range preceding following current row unbounded filter within asc desc nulls first last cast values any some interval grouping sets cube " +
    "rollup qualify extract escape";
  const types = "bigint int integer smallint double precision real decimal numeric varchar text char boolean date time timestamp";
  const engine =
    "count sum avg min max median stddev corr array_agg string_agg approx_distinct row_number rank dense_rank lag lead first_value last_value " +
    "ntile coalesce nullif greatest least abs round ceil floor power sqrt substr length char_length lower upper trim ltrim rtrim replace concat " +
    "concat_ws split_part strpos starts_with left right reverse regexp_like regexp_replace date_trunc date_part to_date to_timestamp now " +
    "current_date unnest array_length";
  const dialect = SQLDialect.define({ keywords, types, operatorChars: "*+-%<>!=&|~^/", doubleDollarQuotedStrings: false });

  // What there is to ask about comes once, when it is first needed.
  let known = null;
  const names = () => {
    known = known || fetch(place.dataset.names, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).then(learned, () => null);
    return known;
  };
  const learned = (told) => {
    if (told === null) return null;
    const schema = {};
    const columns = {};
    for (const [name, label, own] of told.tables) {
      const [namespace, table] = name.split(".");
      columns[name] = own.map(([column, meaning]) => ({ label: column, detail: meaning, type: "property", boost: 2 }));
      schema[namespace] = schema[namespace] || {};
      schema[namespace][table] = { self: { label: table, detail: label, type: "class" }, children: columns[name] };
    }
    const functions = told.functions.map(([name, takes, meaning]) => ({ label: name, detail: `(${takes})`, info: meaning, apply: `${name}(`, type: "function" }));
    const others = engine.split(" ").map((name) => ({ label: name, apply: `${name}(`, type: "function", boost: -1 }));
    const words = keywords.split(" ").map((word) => ({ label: word.toUpperCase(), type: "keyword", boost: -2 }));
    return { columns, free: [...functions, ...others, ...words], inside: schemaCompletionSource({ dialect, schema }) };
  };

  // Columns of the tables that the question names, functions, words of SQL.
  const free = async (context) => {
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
    if (word === null && !context.explicit) return null;
    const from = word === null ? context.pos : word.from;
    const before = context.state.sliceDoc(Math.max(0, from - 1), from);
    const all = await names();
    if (all === null || before === "." || before === "'" || before === '"') return null;
    const text = context.state.doc.toString();
    const own = new Map();
    for (const [name] of text.matchAll(/[a-z_]+\.[\p{L}\p{N}_]+/gu)) {
      for (const column of all.columns[name] || []) own.set(column.label, column);
    }
    return { from, options: [...own.values(), ...all.free], validFor: /^[\p{L}_][\p{L}\p{N}_]*$/u };
  };
  const inside = async (context) => {
    const all = await names();
    return all === null ? null : all.inside(context);
  };

  const highlighted = HighlightStyle.define([
    { tag: tags.keyword, class: "tok-keyword" },
    { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
    { tag: [tags.number, tags.bool, tags.null], class: "tok-number" },
    { tag: [tags.lineComment, tags.blockComment], class: "tok-comment" },
    { tag: tags.typeName, class: "tok-type" },
  ]);
  const look = EditorView.theme({
    "&": { border: "1px solid var(--grey-fill)", borderRadius: "4px", background: "var(--paper)", color: "var(--ink)", fontSize: "13px" },
    "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
    ".cm-scroller": { fontFamily: '"Cascadia Mono", Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace', lineHeight: "1.55", maxHeight: "46vh", overflow: "auto" },
    ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
    ".cm-content, .cm-gutter": { minHeight: "168px" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    ".cm-placeholder": { color: "var(--quiet)" },
    ".cm-gutters": { background: "var(--soft)", color: "var(--quiet)", border: "0" },
    ".cm-activeLine, .cm-activeLineGutter": { background: "var(--shade)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--select)" },
    "&.cm-focused .cm-matchingBracket": { background: "var(--line)" },
    ".cm-tooltip": { background: "var(--paper)", color: "var(--ink)", border: "1px solid var(--grey-fill)", borderRadius: "4px" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "15em" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent)", color: "var(--accent-ink)" },
    ".cm-completionDetail": { fontStyle: "normal", opacity: "1", marginLeft: "12px", color: "var(--quiet)" },
    "li[aria-selected] .cm-completionDetail": { color: "inherit" },
    ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
    ".tok-keyword": { color: "var(--accent)", fontWeight: "600" },
    ".tok-string": { color: "var(--green)" },
    ".tok-number": { color: "var(--yellow)" },
    ".tok-type": { color: "var(--red)" },
    ".tok-comment": { color: "var(--quiet)", fontStyle: "italic" },
  });

  const isFocused = document.activeElement === box;
  const root = place.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: box.value,
      extensions: [
        // The page runs what is sent by Ctrl+Enter; here it must not become a new line. Tab takes what is offered, and else goes on to what
        // comes next (WCAG 2.1.2).
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: (running) => closeCompletion(running) || true }, { key: "Tab", run: acceptCompletion }])),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        EditorState.tabSize.of(4),
        placeholder(box.placeholder),
        new LanguageSupport(dialect.language),
        syntaxHighlighting(highlighted),
        autocompletion({ override: [inside, free], icons: false, maxRenderedOptions: 60 }),
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": place.dataset.label, "aria-description": place.dataset.hint, autocapitalize: "off", spellcheck: "false", tabindex: "0" }),
        // What is typed over a selection is put there by the editor: the browser would copy how the selection looks, as a style in the page,
        // which the page forbids.
        EditorView.domEventHandlers({
          beforeinput: (event, target) => {
            const { selection } = target.state;
            if (event.inputType !== "insertText" || event.data === null || event.isComposing || selection.main.empty) return false;
            event.preventDefault();
            target.dispatch(target.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
            return true;
          },
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) box.value = update.state.doc.toString();
        }),
        look,
      ],
    }),
  });
  box.hidden = true;
  box.required = false;
  place.hidden = false;
  place.addEventListener("focus", () => view.focus());
  const label = document.querySelector('label[for="sql"]');
  if (label !== null) label.addEventListener("click", () => view.focus());
  if (isFocused) view.focus();

  // The word at which a question is refused is chosen where it stands, so that typing puts another there; the place is told beside the refusal,
  // in lines and characters from 1. Who went on writing meanwhile is left alone.
  let asked = box.value;
  const mark = () => {
    const told = document.querySelector("#answer [data-line]");
    const { doc } = view.state;
    if (told === null || box.value !== asked || Number(told.dataset.line) > doc.lines) return;
    const { from, text } = doc.line(Number(told.dataset.line));
    const before = Array.from(text).slice(0, Number(told.dataset.column) - 1).join("").length;
    const word = /^(?:[\p{L}\p{N}_]+|.)/u.exec(text.slice(before));
    view.dispatch({ selection: { anchor: from + before, head: from + before + (word === null ? 0 : word[0].length) }, scrollIntoView: true });
    view.focus();
  };
  mark();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "answer") asked = box.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "answer") mark();
  });
})();
