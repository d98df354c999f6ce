/** The whole look: two schemes, one column, no pictures, no fonts to fetch. */
export const style = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f5f2, #16181c);
  --card: light-dark(#ffffff, #1f2228);
  --ink: light-dark(#1c1d20, #eceae4);
  --soft: light-dark(#55585f, #b3b6bd);
  --line: light-dark(#d5d3cc, #3a3e47);
  --link: light-dark(#0b4f8a, #8ec5ff);
  --act: light-dark(#0b4f8a, #8ec5ff);
  --on-act: light-dark(#ffffff, #10131a);
  --late: light-dark(#9a3412, #ffb38a);
  --ours: light-dark(#e4eefa, #1d3149);
  --note: light-dark(#fdf3d0, #3a331a);
  --good: light-dark(#e0f2e4, #17382a);
  --bad: light-dark(#fbe3de, #4a211a);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
header, main { max-width: 46rem; margin: 0 auto; padding: .75rem 1rem }
header { display: flex; gap: 1rem; align-items: baseline; border-bottom: 1px solid var(--line) }
header a { font-weight: 700; text-decoration: none }
header .me { margin-inline-start: auto }
header span { color: var(--soft) }
main { padding-block-end: 4rem }
main:focus { outline: none }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px }
.skip { position: absolute; inset-inline-start: -999rem }
.skip:focus { inset-inline-start: 1rem; inset-block-start: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1 }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 1rem 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
.tabs { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: .5rem 0 0; padding: 0 }
.tabs a { display: block; padding: .4rem 0; text-decoration: none }
.tabs a[aria-current] { color: var(--ink); font-weight: 700; border-bottom: 3px solid var(--act) }
.summary { margin: 0 0 1rem }
.list, .thread { list-style: none; margin: 0; padding: 0 }
.list li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 .5rem; padding: .75rem 1rem; position: relative }
.list li:hover { border-color: var(--link) }
.list a { text-decoration: none; font-weight: 600; overflow-wrap: anywhere }
.list a::after { content: ''; position: absolute; inset: 0; border-radius: .5rem }
.list a:focus-visible { outline: none }
.list a:focus-visible::after { outline: 3px solid var(--link) }
.list .facts a { position: relative; z-index: 1; font-weight: 400; text-decoration: underline }
.list .facts a::after { content: none }
.list .facts a:focus-visible { outline: 3px solid var(--link) }
.facts { overflow-wrap: anywhere; display: flex; flex-wrap: wrap; gap: .1rem .9rem; color: var(--soft); font-size: .9rem; margin: .2rem 0 }
.list p { margin: .1rem 0 }
.head { display: flex; flex-wrap: wrap; gap: .1rem 1rem; justify-content: space-between; align-items: baseline }
.head a { flex: 1 1 16rem }
.wait { color: var(--soft); font-size: .9rem }
.late { color: var(--late); font-weight: 600; font-size: .9rem }
.facts strong { color: var(--ink) }
.tag, .state { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem }
.state.open { border-color: var(--late); color: var(--late) }
.about { margin: .5rem 0 }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .75rem 0 }
.thread li { margin: 0 0 .6rem; padding: .5rem .9rem; border-radius: .5rem }
.thread .theirs { background: var(--card); border: 1px solid var(--line); margin-inline-end: 12% }
.thread .ours { background: var(--ours); margin-inline-start: 12% }
.thread .note { background: var(--note) }
.thread .deed { padding-block: 0 }
.thread p { margin: 0 }
.by, .hint { color: var(--soft); font-size: .85rem }
.text { white-space: pre-wrap; overflow-wrap: anywhere }
/* Heaps of accents on one letter stay off the lines of others. */
.text, .list a, h1 { overflow: clip }
.done, .problem { padding: .6rem .9rem; border-radius: .5rem }
.done { background: var(--good) }
.problem { background: var(--bad) }
label { font-weight: 600 }
textarea, select, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: .4rem; padding: .45rem .6rem; max-width: 100% }
textarea { width: 100%; display: block; margin: .3rem 0 .5rem }
.hint { margin: .3rem 0 .6rem }
button { font: inherit; font-weight: 600; cursor: pointer; min-height: 2.75rem; padding: .4rem 1.2rem; border-radius: .4rem; border: 1px solid var(--act); background: var(--act); color: var(--on-act) }
button.quiet { background: transparent; color: var(--link) }
.fields { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; margin: 0 0 .75rem }
.fields span { min-width: 0 }
.fields label { display: block }
details { margin-top: 1.5rem; border-top: 1px solid var(--line); padding-top: .75rem }
summary { cursor: pointer; font-weight: 600; padding: .4rem 0 }
@media print { form, nav, .skip { display: none } }
`
