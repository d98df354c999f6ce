import { type Html, html } from './html.ts'
import type { Entry, Field, Form, Kind, Panel } from './kinds.ts'
import { bit, button, form, otherForms, outcome, type Place, type Said, type Shown, time, told, whole } from './view.ts'

/** One conversation of a kind of its own: what it says, what was done, and its own forms. */
export function panelPage(place: Place, shown: Shown, kind: Kind, panel: Panel, said: Said): Html {
  const { assignee, tags } = shown.conversation
  return whole(
    place,
    panel.title,
    html`<p class="back"><a href="${place.base}/">All that wait</a></p>
${outcome(place, shown, said, kind.done)}
<h1 dir="auto">${panel.title}</h1>
<p class="facts">${panel.bits.map((one) => bit(place, one))}
<span>${assignee === undefined ? 'with nobody' : assignee === place.actor.id ? 'with you' : `with ${assignee}`}</span>
${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</p>
<div class="row">${assignee === place.actor.id ? button(place, shown, 'release', 'Give it back') : button(place, shown, 'claim', 'Take it')}</div>
<h2 id="said">What was said</h2>
<ol class="thread" role="list" aria-labelledby="said">${shown.thread.map((one) => {
      const own = kind.entry(one)
      return own ? entry(place, own) : told(place, one)
    })}</ol>
${panel.forms.map((one) => own(place, shown, one, said))}
${otherForms(place, shown, said)}`,
  )
}

function entry(place: Place, { look, by, did, at, text }: Entry): Html {
  return html`<li class="${look}"><p class="by"><strong>${by}</strong> ${did} ${at && time(place, at)}</p>${
    text !== undefined && html`<p class="text" dir="auto">${text}</p>`
  }</li>`
}

/** Names of forms of a kind, apart from the page's own. */
export const ownPrefix = 'own.'

function own(place: Place, shown: Shown, { name, title, hint, fields, button: press }: Form, said: Said): Html {
  const typed = said.at === `${ownPrefix}${name}` ? said.fields : undefined
  return form(
    place,
    shown,
    `${ownPrefix}${name}`,
    html`<h2>${title}</h2>${hint !== undefined && html`<p class="hint">${hint}</p>`}
${fields.map((one) => field(name, one, typed))}<button>${press}</button>`,
  )
}

function field(of: string, one: Field, typed: Said['fields']): Html {
  const { name } = one
  if (one.is === 'hidden') return html`<input type="hidden" name="${name}" value="${one.value}">`
  const id = `${of}-${name}`
  const value = typed?.[name] ?? one.value
  const label = html`<label for="${id}">${one.label}</label>`
  if (one.is === 'choice')
    return html`<p class="fields"><span>${label}<select id="${id}" name="${name}">${one.options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>`,
    )}</select></span></p>`
  if (one.is === 'lines')
    return html`${label}<textarea id="${id}" name="${name}" rows="4"${one.required && html` required`}>${value}</textarea>`
  return html`<p class="fields"><span>${label}<input id="${id}" name="${name}" value="${value}" autocomplete="off"${one.required && html` required`}></span></p>`
}
