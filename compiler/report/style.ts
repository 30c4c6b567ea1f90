/** The report's style sheet: system fonts, and the reader's light or dark. */
export const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #3a3a3a); --soft: light-dark(#666, #aaa); --bar: light-dark(#8fb7e8, #31598c); --out: light-dark(#f0b77a, #8c5a23); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin: 2.5rem 0 .5rem; }
code { font: 13px ui-monospace, monospace; }
.facts span { margin-right: 1.2em; } .facts { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td i { color: var(--soft); font-style: normal; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin-top: 1rem; }
svg text { font: 11px ui-monospace, monospace; fill: currentColor; }
svg .buffer { fill: var(--bar); stroke: Canvas; } svg .kept { fill: var(--out); } svg .axis { stroke: var(--line); }
figcaption { color: var(--soft); font-size: 13px; } figure { margin: 1rem 0; }
`;
