// The text of a preset in CodeMirror. It lives in a shadow root: there CodeMirror adopts its style sheet through the
// CSSOM, which a Content-Security-Policy without inline styles allows.
import * as cm from "../../vendor/codemirror.js";
import { h } from "../base/dom.js";

const fromOutside = cm.Annotation.define();
const t = cm.tags;

const colors = cm.HighlightStyle.define([
  { tag: [t.propertyName, t.definition(t.propertyName)], color: "var(--code-key)" },
  { tag: [t.string, t.content], color: "var(--code-text)" },
  { tag: [t.number, t.bool, t.null], color: "var(--code-number)" },
  { tag: t.comment, color: "var(--text-faint)", fontStyle: "italic" },
  { tag: [t.punctuation, t.separator, t.brace, t.squareBracket], color: "var(--text-soft)" },
]);

const look = cm.EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { padding: "10px 0", caretColor: "var(--accent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 6%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "color-mix(in srgb, var(--accent) 24%, transparent)" },
  ".cm-tooltip": { border: "1px solid var(--line)", borderRadius: "8px", backgroundColor: "var(--raised)", color: "var(--text)",
    boxShadow: "var(--shadow)", overflow: "hidden", maxWidth: "min(440px, 90vw)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "260px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 10px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-wash)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--text-faint)", fontStyle: "normal" },
  ".cm-completionInfo": { fontFamily: "var(--sans)", padding: "8px 10px", maxWidth: "280px" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: "600" },
  ".cm-help": { fontFamily: "var(--sans)", padding: "8px 11px", lineHeight: "1.45" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "8px 11px", whiteSpace: "normal" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--danger)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--danger) 1px", textUnderlineOffset: "3px" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--caution) 34%, transparent)" },
  ".cm-wrong": { backgroundColor: "var(--danger-wash)" },
});

/** The smallest piece in which two texts differ, so that the cursor and the history of the rest stay. */
function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}

function wrongLines(view, diagnostics) {
  const lines = [...new Set(diagnostics.map((each) => view.state.doc.lineAt(each.from).from))].sort((a, b) => a - b);
  return cm.Decoration.set(lines.map((from) => cm.Decoration.line({ class: "cm-wrong" }).range(from)));
}

const setWrong = cm.StateEffect.define();
const wrong = cm.StateField.define({
  create: () => cm.Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(setWrong)) next = effect.value;
    return next;
  },
  provide: (field) => cm.EditorView.decorations.from(field),
});

/** `typed(text)` is called for what the person changes, undo and redo included; `complete` and `explain` come from completion.js. */
export function createEditor({ typed, complete, explain }) {
  const host = h("div", { class: "editor" });
  const root = host.attachShadow({ mode: "open" });
  const watch = cm.EditorView.updateListener.of((update) => {
    const outside = update.transactions.some((each) => each.annotation(fromOutside));
    if (update.docChanged && !outside) typed(update.state.doc.toString());
  });
  const view = new cm.EditorView({
    parent: root, root,
    state: cm.EditorState.create({ extensions: [
      cm.lineNumbers(), cm.foldGutter(), cm.lintGutter(), cm.history(), cm.drawSelection(), cm.highlightActiveLine(),
      cm.highlightActiveLineGutter(), cm.highlightSpecialChars(), cm.indentOnInput(), cm.bracketMatching(), cm.closeBrackets(),
      cm.indentUnit.of("  "), cm.yaml(), cm.syntaxHighlighting(colors), look, wrong, cm.search({ top: true }), cm.highlightSelectionMatches(),
      cm.autocompletion({ override: [complete], icons: false }), cm.hoverTooltip(explain), watch,
      cm.EditorView.contentAttributes.of({ "aria-label": "The preset's text", spellcheck: "false", tabindex: "0" }),
      cm.keymap.of([...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.defaultKeymap, ...cm.historyKeymap,
        ...cm.searchKeymap, ...cm.foldKeymap, ...cm.lintKeymap]),
    ] }),
  });

  const at = (line, column) => {
    const found = view.state.doc.line(Math.max(1, Math.min(line || 1, view.state.doc.lines)));
    const from = Math.min(found.from + Math.max(0, (column || 1) - 1), found.to);
    return { from, to: found.to, line: found };
  };

  return {
    element: host,
    view,
    setText(text, { history = true } = {}) {
      const before = view.state.doc.toString();
      if (text === before) return;
      view.dispatch({ changes: difference(before, text),
        annotations: [fromOutside.of(true), cm.Transaction.addToHistory.of(history)] });
    },
    setErrors(errors) {
      const diagnostics = errors.map(({ line, column, message }) => {
        const place = at(line, column);
        const from = column ? place.from : place.line.from + (place.line.text.match(/^\s*/)?.[0].length ?? 0);
        return { from: Math.min(from, place.to), to: place.to, severity: "error", message };
      });
      view.dispatch(cm.setDiagnostics(view.state, diagnostics), { effects: setWrong.of(wrongLines(view, diagnostics)) });
    },
    show(line, column) {
      const place = at(line, column);
      view.dispatch({ selection: { anchor: place.from }, effects: cm.EditorView.scrollIntoView(place.from, { y: "center" }) });
      view.focus();
    },
    undo: () => cm.undo(view),
    redo: () => cm.redo(view),
    depth: () => ({ undo: cm.undoDepth(view.state), redo: cm.redoDepth(view.state) }),
    measure: () => view.requestMeasure(),
    destroy: () => view.destroy(),
  };
}
