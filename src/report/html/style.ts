/** The style sheet of a report: plain, readable on a phone, light and dark by the reader's own choice. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1c1e21;--soft:#5b6168;--line:#d5d9de;--card:#f5f6f8;--mark:#0b5cad;--warn:#8a4b00}
@media(prefers-color-scheme:dark){:root{--ground:#16181b;--ink:#e6e8ea;--soft:#a2a9b1;--line:#383d43;--card:#1f2226;--mark:#7db7ff;--warn:#f0b36b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Apple SD Gothic Neo","Noto Sans KR",sans-serif;overflow-wrap:anywhere}
main,header{max-width:60rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:1.5rem 0 .25rem}
h2{font-size:1.25rem;margin:2.25rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.08rem;margin:1.6rem 0 .4rem}
h4,h5{font-size:1rem;margin:1.2rem 0 .3rem}
p,ul,dl,pre{margin:.5rem 0}
a{color:var(--mark)}
.meta{color:var(--soft);margin:0}
.note{border-left:4px solid var(--warn);background:var(--card);padding:.5rem .75rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
th,td{border:1px solid var(--line);padding:.3rem .55rem;text-align:left;vertical-align:top;min-width:3.5rem;max-width:28rem}
th{background:var(--card)}
code{font:.88em/1.45 ui-monospace,Menlo,Consolas,monospace;background:var(--card);padding:.05em .3em;border-radius:3px}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .75rem;overflow-x:auto}
pre code{background:none;padding:0;overflow-wrap:normal}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.15rem .9rem}
dt{color:var(--soft)}
dd{margin:0}
.item{border:1px solid var(--line);border-radius:8px;padding:.1rem .9rem .5rem;margin:.8rem 0}
.graph{display:block;max-width:none}
.graph path{fill:none;stroke:var(--soft);stroke-width:1.5}
.graph marker path{fill:var(--soft);stroke:none}
.graph rect{fill:var(--card);stroke:var(--line)}
.graph text{fill:var(--ink);font-size:13px}
.graph .number{fill:var(--soft);font-size:12px}
nav ul{columns:2 16rem;padding-left:1.2rem}
@media(max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}nav ul{columns:1}}
@media print{.item{break-inside:avoid}}
`;
