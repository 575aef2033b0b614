"""The style sheet of the HTML report, for light and dark screens and for paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #fbfaf7; --line: #d9d5cb; --soft: #6b675e;
  --mark: #ffe08a; --mark-line: #b07d00; --green: #24693d; --amber: #8a5a00; --red: #a3262a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6df; --paper: #191816; --line: #3b3833; --soft: #a09a8e;
  --mark: #5a4500; --mark-line: #e0b040; --green: #7fc798; --amber: #e3b35c; --red: #f08a86; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
.lead, .model, .fact { color: var(--soft); }
.lead { margin: 0 0 1.5rem; }
details, .unread { border-top: 1px solid var(--line); margin: 0; padding: .6rem 0; }
summary { cursor: pointer; }
summary > span, .unread > span { margin-right: 1rem; }
.id { font-weight: 600; overflow-wrap: anywhere; }
.verdict.original { color: var(--green); }
.verdict.edited { color: var(--amber); }
.verdict.back-translated { color: var(--red); }
.verdict.unsure { color: var(--soft); font-style: italic; }
.fact { font-variant-numeric: tabular-nums; }
.shares { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .75rem 0; font-size: .9rem; }
.warnings { color: var(--amber); margin: .75rem 0; padding-left: 1.2rem; font-size: .9rem; }
article { max-width: 42rem; margin: 1rem 0; font: 1.08rem/1.65 Georgia, serif; white-space: pre-line;
  overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--mark-line); cursor: help; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { font-variant-numeric: tabular-nums; }
.model { font-size: .8rem; }
@media print { details { break-inside: avoid; } }
"""
