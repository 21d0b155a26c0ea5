/** The style of the page at `/api-docs`: one column, from a phone's width on, light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fff; --box: #f5f6f8; --line: #d8dce2; --text: #1b1f24; --soft: #59636e;
  --get: #0a5cc2; --post: #1a7f37; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --box: #1e2329; --line: #363d46; --text: #e6e9ed; --soft: #9aa4af;
    --get: #6cb0ff; --post: #56d272; --delete: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 60rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; }
h2 { margin: 2rem 0 .5rem; }
h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
p { margin: .25rem 0; }
a { color: var(--get); }
code, pre, textarea, input, select { font: .875rem/1.45 ui-monospace, monospace; }
nav { display: flex; flex-wrap: wrap; gap: 0 1rem; }
details.route { margin: .5rem 0; border: 1px solid var(--line); border-radius: .5rem; }
summary { padding: .5rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
summary .method { display: inline-block; min-width: 5em; font-weight: 700; }
.method.get { color: var(--get); }
.method.post { color: var(--post); }
.method.delete { color: var(--delete); }
summary .what { margin-left: .75rem; color: var(--soft); }
.body { padding: 0 .75rem .75rem; }
.soft, .aliases { color: var(--soft); overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td {
  padding: .25rem .5rem .25rem 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top;
}
td.type { min-width: 9rem; overflow-wrap: anywhere; }
td.about { min-width: 12rem; }
@media (max-width: 40rem) {
  thead { display: none; }
  tr { display: block; padding: .25rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; padding: 0; border: 0; overflow-wrap: anywhere; }
  td:empty { display: none; }
  td[data-title]::before { content: attr(data-title) ": "; }
  td.about, td[data-title] { color: var(--soft); }
}
label { display: block; margin: .25rem 0; }
textarea, input, select, pre {
  width: 100%; margin: .25rem 0; padding: .5rem;
  border: 1px solid var(--line); border-radius: .25rem;
  background: var(--box); color: var(--text);
}
pre { overflow: auto; max-height: 28rem; white-space: pre-wrap; overflow-wrap: anywhere; }
button {
  margin: .25rem .5rem .25rem 0; padding: .4rem 1rem;
  border: 1px solid var(--line); border-radius: .25rem;
  background: var(--box); color: var(--text); font: inherit; cursor: pointer;
}
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 2px solid var(--get); outline-offset: 1px; }
`;
