// What the SQL page takes of CodeMirror 6: the entry of the bundle `vendor/codemirror.min.js`, which stands as the global `CodeMirror`.
export { acceptCompletion, autocompletion, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { schemaCompletionSource, SQLDialect } from "@codemirror/lang-sql";
export { bracketMatching, HighlightStyle, LanguageSupport, syntaxHighlighting } from "@codemirror/language";
export { EditorState, Prec } from "@codemirror/state";
export { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
export { tags } from "@lezer/highlight";
