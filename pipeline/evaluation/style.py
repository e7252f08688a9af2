"""The page's style sheet: one report for screens light and dark, and for A4. Fonts are the reader's own."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --tint: #f4f6f8; --ink: #1c2126; --soft: #59616b; --line: #d8dce1; --faint: #e9ecef;
  --accent: #1f5f95; --pale: #8fb3d1; --good: #1b6b3c; --care: #845500; --bad: #a32a22;
  --prose: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", "Liberation Serif", serif;
  --plain: system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --fixed: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --tint: #1d2126; --ink: #e4e7ea; --soft: #a2abb5; --line: #3a4149; --faint: #282d33;
    --accent: #82b7e6; --pale: #48698a; --good: #7fcb9b; --care: #e3b65e; --bad: #f2978d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 var(--prose); }
.report { max-width: 60rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
p, li { max-width: 42rem; }
p, ul { margin: 0 0 0.75rem; text-wrap: pretty; }
ul { padding-left: 1.4rem; }
li { margin-bottom: 0.3rem; }
code, pre { font-family: var(--fixed); font-size: 0.85em; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 2.15rem; font-weight: 600; letter-spacing: -0.012em; margin: 0 0 1rem; max-width: 46rem; }
h2 { font-size: 1.4rem; font-weight: 600; margin: 0 0 0.75rem; }
h3 { font: 600 1rem/1.35 var(--plain); margin: 0; }
main > section { margin-top: 3.25rem; padding-top: 1.1rem; border-top: 1px solid var(--line); }
main { counter-reset: part; }
main > section > h2::before { counter-increment: part; content: counter(part) "\\2003"; color: var(--soft); }

.kicker, .facts, .note, figcaption, caption, table, dl, footer { font-family: var(--plain); }
.kicker { font-size: 0.875rem; color: var(--soft); margin-bottom: 0.6rem; overflow-wrap: anywhere; }
.lead { font-size: 1.25rem; line-height: 1.5; margin-bottom: 1rem; overflow-wrap: anywhere; }
.facts, .note { font-size: 0.875rem; line-height: 1.5; color: var(--soft); }
footer {
  margin-top: 3.25rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.875rem;
  color: var(--soft);
}

.short {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1.25rem 2rem;
  margin: 2rem 0 0;
}
.short div { border-top: 2px solid var(--accent); padding-top: 0.6rem; }
.short dt, .short .below { font-size: 0.8125rem; color: var(--soft); }
.short dd {
  margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums lining-nums;
}
.short .below { display: block; font-weight: 400; line-height: 1.45; margin-top: 0.15rem; }
.facts-list {
  display: grid; grid-template-columns: 12rem 1fr; gap: 0.5rem 2rem; margin: 0 0 1rem; font-size: 0.9375rem;
}
.facts-list > div { display: contents; }
.facts-list dt { color: var(--soft); }
.facts-list dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums lining-nums; }

.answer {
  display: grid; grid-template-columns: 14rem 1fr; gap: 0.5rem 2rem; padding: 1.1rem 0;
  border-top: 1px solid var(--faint);
}
.answer:first-of-type { border-top: 0; padding-top: 0.25rem; }
.answer ul { margin: 0; }
.verdict { font-family: var(--plain); font-weight: 600; white-space: nowrap; }
.verdict::before { content: ""; display: inline-block; width: 0.65em; height: 0.65em; margin-right: 0.5em; }
.verdict::before { border: 2px solid currentColor; border-radius: 50%; }
.answer .verdict { display: block; margin-top: 0.3rem; font-size: 0.9375rem; }
.good { color: var(--good); } .care { color: var(--care); } .bad { color: var(--bad); } .none { color: var(--soft); }
.good::before, .care::before { background: currentColor; }
.bad::before { border-radius: 0; background: currentColor; }

.wide { overflow-x: auto; margin: 1.25rem 0 1.5rem; }
.wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.6rem; }
th, td {
  text-align: left; vertical-align: baseline; padding: 0.5rem 1.1rem 0.5rem 0;
  border-bottom: 1px solid var(--faint);
}
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 400; color: var(--soft); vertical-align: bottom; border-bottom: 1px solid var(--ink); }
thead .group { border-bottom: 0; padding-bottom: 0; color: var(--ink); }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 9rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums lining-nums; }
td .below, th .below { display: block; font-size: 0.8125rem; font-weight: 400; color: var(--soft); }
.bounds { font-weight: 400; color: var(--soft); white-space: nowrap; }
tr.chosen th, tr.chosen th .below { color: var(--accent); }

.pair {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem 2.5rem;
  margin: 1.25rem 0;
}
.pair th, .pair td { padding-top: 0.25rem; padding-bottom: 0.25rem; }
.pair tbody th { font-weight: 400; }
.model { margin-top: 2rem; }
figure { margin: 0; max-width: 27.5rem; break-inside: avoid; }
figcaption { font-size: 0.875rem; font-weight: 600; margin-bottom: 0.6rem; }
svg { display: block; width: 100%; height: auto; font-family: var(--plain); font-size: 12px; }
svg text { fill: currentColor; font-variant-numeric: tabular-nums lining-nums; }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .label { font-weight: 600; }
svg text.label, svg text.value, svg text.mark { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
svg .axis { stroke: var(--soft); } svg .grid { stroke: var(--faint); } svg .zero { stroke: var(--soft); }
svg line.mark { stroke: currentColor; stroke-dasharray: 3 3; }
svg .column, svg .bar { fill: var(--pale); }
svg .bar.strong { fill: var(--accent); }
svg .column { fill: var(--accent); }
svg .track { fill: var(--faint); }
svg .whisker { stroke: var(--accent); stroke-width: 2px; }
svg .dot { fill: var(--accent); stroke: var(--accent); stroke-width: 2px; }
svg .missed { fill: var(--paper); stroke: var(--bad); }
pre { background: var(--tint); padding: 1rem; margin: 0; white-space: pre-wrap; line-height: 1.6; }

@media (max-width: 42rem) {
  .report { padding: 1.75rem 1rem 3rem; }
  h1 { font-size: 1.7rem; }
  .answer, .facts-list { grid-template-columns: 1fr; gap: 0.25rem; }
  .facts-list dd { margin-bottom: 0.6rem; }
}
@media print {
  @page { size: A4; margin: 17mm 16mm 18mm; }
  :root { color-scheme: light; }
  html { font-size: 9pt; }
  .report { max-width: none; padding: 0; }
  main > section { margin-top: 2.25rem; }
  th, td { padding: 0.3rem 0.8rem 0.3rem 0; }
  h2, h3, caption, figcaption, thead, main > section > p { break-after: avoid; }
  p, tr, figure, .wide, .answer, .short, .pair > div, pre { break-inside: avoid; }
  .wide { overflow: visible; }
  .pair { grid-template-columns: 1fr 1fr; }
  .short { grid-template-columns: repeat(4, 1fr); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
