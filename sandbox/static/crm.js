import { act, get } from "./api.js";
import { el, forget, list, tabs, time, toast } from "./dom.js";

const table = document.getElementById("records");
const card = document.getElementById("record");
const types = [["contacts", "Contacts"], ["companies", "Companies"], ["deals", "Deals"], ["tickets", "Tickets"],
  ["tasks", "Tasks"], ["notes", "Notes"]];
const titles = { email: "E-mail", company: "Company", jobtitle: "Title", hs_language: "Language", region: "Region", tier: "Tier", segment: "Segment",
  country: "Country", dealstage: "Stage", amount: "Amount", hs_pipeline_stage: "Stage", hs_ticket_priority: "Priority", hs_task_status: "Status",
  hs_task_priority: "Priority", hs_createdate: "Written" };
// What a person would do to a record with one press.
const shortcuts = {
  deals: { name: "dealstage", value: "closedwon", title: "Mark won" },
  tickets: { name: "hs_pipeline_stage", value: "4", title: "Close" },
  tasks: { name: "hs_task_status", value: "COMPLETED", title: "Complete" },
};

let state = null;
let type = "contacts";
let open = null;

// showCRM shows the records of one type, those that changed last first.
export function showCRM(next) {
  state = next;
  draw();
  const row = open && (state.records[open.type] ?? []).find((r) => r.id === open.id);
  if (row && row.updated_at !== open.updatedAt) load(open.type, open.id);
}

// openRecord shows a record beside the table.
export async function openRecord(ofType, id) {
  choose(ofType);
  document.getElementById("crm").scrollIntoView({ behavior: "smooth", block: "start" });
  await load(ofType, id);
}

function choose(next) {
  if (type !== next) forget(table.tBodies[0]);
  type = next;
  draw();
}

function draw() {
  tabs(document.getElementById("types"), types.map(([id, title]) => ({ id, title, count: state.totals[id] })), type, choose);
  const written = ["contacts", "companies"].includes(type);
  const shortcut = shortcuts[type];
  list(table.tHead, [{ type }], (t) => t.type, () => el("tr", {}, ["Name", written && "Written by cxloop", ...state.columns[type].map((c) => titles[c]), shortcut && ""]
    .filter((t) => t !== false && t !== undefined).map((t) => el("th", { scope: "col" }, t))));
  const rows = state.records[type].map((r) => ({ ...r, on: open?.id === r.id }));
  list(table.tBodies[0], rows, (r) => r.id, (r, before) => el("tr", { "aria-selected": r.on ? "true" : undefined, "data-id": r.id },
    el("th", { scope: "row" }, el("button", { type: "button", class: "see", onclick: () => load(type, r.id) }, r.name || r.id)),
    written && el("td", { class: "written" }, chips(r, before)), state.columns[type].map((c) => cell(r, before, c)),
    shortcut && el("td", {}, r.values[shortcut.name] !== shortcut.value &&
      el("button", { type: "button", class: "small", onclick: () => set(type, r.id, shortcut.name, shortcut.value) }, shortcut.title))));
}

const changed = (r, before, name) => before && before.values[name] !== r.values[name];

function cell(r, before, name) {
  return el("td", { class: changed(r, before, name) ? "flash" : undefined }, r.values[name] ?? "");
}

// What belongs to a figure that stands beside it: only the opened record shows it.
const details = /_(lo80|hi80|p10|p90|version|asof|bias_pct)$/;

function chips(r, before) {
  return Object.keys(r.values).filter((n) => n.startsWith("cx_") && !details.test(n)).sort().map((n) =>
    el("mark", { class: changed(r, before, n) ? "chip flash" : "chip", title: `${n} = ${r.values[n]}` }, el("span", {}, n.slice(3)),
      r.values[n].replace(/^(\d{4}-\d\d-\d\d)T.*$/, "$1") || "–"));
}

async function load(ofType, id) {
  open = { type: ofType, id, updatedAt: (state.records[ofType] ?? []).find((r) => r.id === id)?.updated_at };
  if (ofType === type) draw();
  const record = await get(`/playground/record/${ofType}/${id}`).catch((error) => {
    toast(error.message);
    return null;
  });
  if (record && open?.id === id) drawCard(record);
}

function close() {
  open = null;
  card.hidden = true;
  draw();
}

function drawCard(record) {
  const names = Object.keys(record.properties).sort((a, b) => b.startsWith("cx_") - a.startsWith("cx_") || a.localeCompare(b));
  const shown = new Set([...card.querySelectorAll("details[open]")].map((d) => d.dataset.name));
  const draft = card.dataset.id === record.id ? [card.querySelector("select")?.value, card.querySelector("input")?.value] : [];
  card.dataset.id = record.id;
  card.hidden = false;
  card.replaceChildren(
    el("header", {}, el("h3", {}, record.name || record.id), el("button", { type: "button", class: "small", "aria-label": "Close", onclick: close }, "✕")),
    setForm(record, draft),
    el("div", { class: "properties" }, names.map((n) => property(record, n, shown.has(n)))));
}

function property(record, name, isOpen) {
  const versions = [...(record.history[name] ?? [])].reverse();
  return el("details", { class: name.startsWith("cx_") ? "ours" : undefined, "data-name": name, open: isOpen },
    el("summary", {}, el("span", {}, name), el("b", {}, record.properties[name] || "–")),
    el("ol", {}, versions.map((v) => el("li", {}, el("b", {}, v.value || "–"), el("span", {}, v.source === "INTEGRATION" ? "cxloop" : v.source), time(v.at)))));
}

function setForm(record, [name, value]) {
  const select = el("select", { "aria-label": "Property" }, record.writable.map((n) => el("option", { value: n }, n)));
  const input = el("input", { type: "text", "aria-label": "Value", autocomplete: "off" });
  const fill = () => { input.value = record.properties[select.value] ?? ""; };
  select.addEventListener("change", fill);
  const usual = { deals: "dealstage", tickets: "hs_pipeline_stage", tasks: "hs_task_status", contacts: "lifecyclestage", companies: "tier" }[record.type];
  select.value = name ?? (record.writable.includes(usual) ? usual : record.writable[0]);
  if (value === undefined) fill();
  else input.value = value;
  return el("form", { class: "set", onsubmit: (event) => {
    event.preventDefault();
    set(record.type, record.id, select.value, input.value);
  } }, select, input, el("button", { class: "small" }, "Set"));
}

async function set(ofType, id, name, value) {
  if (await act("set", { type: ofType, id, name, value })) toast(`${name} is now ${value || "empty"}: the CRM tells cxloop if it listens.`);
}
