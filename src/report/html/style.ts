/** The style sheet of a report: readable on a phone, light and dark by the reader's own choice, black on white in print. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1c1e21;--soft:#565c64;--line:#d5d9de;--card:#f5f6f8;--mark:#0b5cad;--good:#1a7038;--waits:#8a4b00;--bad:#a8201a;--one:#2f6fb5;--two:#9cc3ea;--three:#c77d1e}
@media screen and (prefers-color-scheme:dark){:root{--ground:#16181b;--ink:#e6e8ea;--soft:#a8afb7;--line:#3a3f46;--card:#1f2226;--mark:#86bcff;--good:#6cc88a;--waits:#f0b36b;--bad:#ff8f87;--one:#5b9be0;--two:#2f5680;--three:#e0a353}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Apple SD Gothic Neo","Noto Sans KR","Noto Sans CJK KR",sans-serif;overflow-wrap:anywhere}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.3rem .6rem;z-index:1}
:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
.page{max-width:60rem;margin:0 auto;padding:0 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .4rem;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.3;margin:2.5rem 0 .6rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.1rem;margin:1.8rem 0 .4rem}
h4,h5{font-size:1rem;margin:1.2rem 0 .3rem}
p,ul,dl,pre,table{margin:.5rem 0}
ul{padding-left:1.3rem}
a{color:var(--mark)}
.meta{color:var(--soft);font-size:.87rem;margin:0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0}
.meta b{font-weight:600}
nav h2{border:0;margin:1.2rem 0 .2rem;padding:0;font-size:1rem}
nav ul{list-style:none;padding:0;margin:0;columns:2 15rem;font-size:.92rem}
nav li{padding:.08rem 0;break-inside:avoid}
nav a{text-decoration:none;display:inline-block;min-height:1.5rem}
nav a:hover{text-decoration:underline}
nav .deep{padding-left:1.1rem}
.note{border-left:4px solid var(--waits);background:var(--card);padding:.5rem .75rem}
.card{border:1px solid var(--line);border-left:6px solid var(--soft);border-radius:8px;background:var(--card);padding:.4rem 1rem}
.card>dl>dd:first-of-type{font-size:1.15rem}
.good{border-left-color:var(--good)}.good>dl>dd:first-of-type{color:var(--good)}
.waits{border-left-color:var(--waits)}.waits>dl>dd:first-of-type{color:var(--waits)}
.bad{border-left-color:var(--bad)}.bad>dl>dd:first-of-type{color:var(--bad)}
.card code,.card pre{background:var(--ground)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;width:100%}
th,td{border:1px solid var(--line);padding:.3rem .55rem;text-align:left;vertical-align:top;min-width:3.2rem}
th,td{overflow-wrap:break-word}td.w,td code{overflow-wrap:anywhere}th{background:var(--card)}
td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
code{font:.88em/1.45 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--card);padding:.05em .3em;border-radius:3px}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .75rem;overflow-x:auto}
pre code{background:none;padding:0;white-space:pre-wrap}
dl{display:grid;grid-template-columns:minmax(7.5rem,max-content) 1fr;gap:.15rem .9rem}
dt{color:var(--soft)}
dd{margin:0}
.item{border:1px solid var(--line);border-left:5px solid var(--soft);border-radius:8px;padding:.1rem .9rem .5rem;margin:.8rem 0}
.item>h4{margin-top:.6rem}
.item[data-severity=blocker]{border-left-color:var(--bad)}
.item[data-severity=major]{border-left-color:var(--waits)}
.item[data-severity=minor]{border-left-color:var(--one)}
.item[data-class=refuted],.item[data-class=unsubstantiated]{border-left-color:var(--line)}
.many .lot{content-visibility:auto;contain-intrinsic-size:auto calc(var(--shown,20)*22rem)}
.many .lines{contain-intrinsic-size:auto calc(var(--shown,20)*1.9rem)}
.many .low{contain-intrinsic-size:auto calc(var(--shown,20)*12rem)}
.pill{display:inline-block;font-size:.78rem;font-weight:600;border:1px solid var(--line);border-radius:1rem;padding:0 .55rem;margin-left:.5rem;color:var(--soft);background:var(--ground)}
.graph{display:block;max-width:none}
.graph path{fill:none;stroke:var(--soft);stroke-width:1.5}
.graph marker path{fill:var(--soft);stroke:none}
.graph rect{fill:var(--card);stroke:var(--soft)}
.graph a:hover rect,.graph a:focus rect{stroke:var(--mark);stroke-width:2.5}
.graph a{outline:0;text-decoration:none}
.graph text{fill:var(--ink);font-size:13px}
.graph .number{fill:var(--soft);font-size:12px}
.chart{margin:1rem 0;border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}
.chart figcaption{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.9rem}
.chart b{font-weight:600}
.key::before{content:"";display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem;vertical-align:-.05rem;background:var(--one)}
.key1::before{background:var(--two)}.key2::before{background:var(--three)}
.bars{list-style:none;padding:0;margin:.4rem 0 0;display:grid;grid-template-columns:minmax(4rem,max-content) 1fr max-content;gap:.25rem .7rem;align-items:center;font-size:.87rem}
.bars li{display:contents}
.bars svg{width:100%;height:.9rem;background:var(--card);border-radius:2px}
.bars span:last-child{text-align:right;font-variant-numeric:tabular-nums}
.s0{fill:var(--one)}.s1{fill:var(--two)}.s2{fill:var(--three)}
form.filters{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:.7rem .9rem;margin:.8rem 0;display:grid;gap:.6rem}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.35rem .5rem;align-items:center}
legend{float:left;padding:0;color:var(--soft);min-width:6rem;font-size:.9rem}
.choice{display:inline-flex;align-items:center;gap:.35rem;border:1px solid var(--line);border-radius:1rem;padding:.15rem .7rem;background:var(--ground);font-size:.9rem;cursor:pointer;min-height:1.8rem}
.choice:has(:checked){border-color:var(--mark);box-shadow:inset 0 0 0 1px var(--mark)}
.choice input{accent-color:var(--mark);margin:0}
.search{display:flex;flex-wrap:wrap;gap:.35rem .5rem;align-items:center;font-size:.9rem}
.search span{color:var(--soft);min-width:6rem}
input[type=search],textarea{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:6px;padding:.35rem .6rem}
input[type=search]{flex:1 1 12rem;min-width:0}
textarea{display:block;width:100%;min-height:6rem;resize:vertical;margin:.3rem 0 .8rem;font-weight:400;font-size:1rem}
.export code{background:var(--ground)}
.answer label{font-weight:600;font-size:.92rem}
button{font:inherit;font-weight:600;color:var(--ground);background:var(--mark);border:1px solid var(--mark);border-radius:6px;padding:.35rem .9rem;min-height:2.2rem;cursor:pointer}
button.quiet{color:var(--mark);background:none}
.row{display:flex;flex-wrap:wrap;gap:.4rem .9rem;align-items:center}
output{font-size:.9rem}
.export{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:.7rem .9rem;margin:1rem 0}
@media(min-width:75rem){.page{max-width:78rem;display:grid;grid-template-columns:15.5rem minmax(0,1fr);column-gap:3rem}header{grid-column:1/-1}nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding-bottom:1rem}nav ul{columns:1}main>h2:first-child{margin-top:1.2rem;border:0;padding:0}}
@media(max-width:40rem){h1{font-size:1.35rem}dl{grid-template-columns:6.6rem minmax(0,1fr);gap:.2rem .6rem}.item,.card,.chart,form.filters{padding-left:.7rem;padding-right:.7rem}nav ul{columns:1}nav .deep{display:none}legend,.search span{float:none;width:100%}
table,tbody,tr,td{display:block;width:auto}thead{position:absolute;left:-999rem;width:1px;overflow:hidden}table{border-top:1px solid var(--line)}tr{border:1px solid var(--line);border-top:0;padding:.3rem .6rem}td,td.n{border:0;padding:.06rem 0 .06rem 6.6rem;display:flow-root;text-align:left;white-space:normal}td::before{content:attr(data-label);color:var(--soft);float:left;width:6rem;margin-left:-6.6rem}td.e{display:none}
tr:has(.n) td{padding-left:10.6rem}tr:has(.n) td::before{width:10.2rem;margin-left:-10.6rem}}
@media screen and (min-width:40.01rem){td:not(.w) code{overflow-wrap:break-word}td.k{white-space:nowrap}}
:lang(ko){word-break:keep-all}
@media (min-width:40.01rem){.listing td:first-child{white-space:nowrap}.few .listing td:nth-child(5){min-width:9.5rem}}
.many .listing{list-style:none;margin:0;padding:0;font-size:.9rem}.many .listing li{display:block;padding:.2rem 0;border-top:1px solid var(--line)}
@page{margin:14mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif;color:#565c64}}
@media print{body{font-size:10.5pt;orphans:3;widows:3}nav,.skip,form.filters,.export,.answer{display:none!important}.page{max-width:none;display:block;padding:0}a{color:inherit;text-decoration:none}.scroll{overflow:visible}
table{font-size:8pt}th,td{padding:.2rem .3rem;min-width:2rem}.wide table{font-size:7pt}.wide th,.wide td{padding:.15rem .2rem;min-width:0}.key::before,.bars svg,.graph{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.many .lot{content-visibility:visible}.item,.card,tr,.chart,pre,dl,figure,.note{break-inside:avoid}h2,h3,h4,h5,p:has(+ul),p:has(+dl),p:has(+pre),p:has(+.scroll){break-after:avoid}tbody tr:first-child:not(:last-child){break-after:avoid}tbody tr:last-child{break-before:avoid}}
`;

/** SHA-256 (base64) of the text above, for the page's policy. */
export const styleHash = "N5tZQlhLdBL3SfUCwk/69ZnK+6Y/qLROKyxLpPr0pg8=";
