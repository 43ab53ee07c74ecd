// Slack's modals as forms that are filled in and sent.
import { act } from "./api.js";
import { el, toast } from "./dom.js";
import { drawBlocks, plain } from "./blockkit.js";

const dialog = document.getElementById("modal");
let shown = "";

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});

// showModal shows the newest view that is open for a user, and hides what is not open any more. What was typed stays
// while the same view is shown.
export function showModal(state, me, context) {
  const view = state.views.findLast((v) => v.user === me);
  if (!view) return hide();
  const errors = view.errors ?? {};
  if (shown === view.id) return mark(errors);
  shown = view.id;
  const { title, submit, close: cancel, blocks } = view.view;
  dialog.dataset.view = view.id;
  dialog.replaceChildren(el("form", { onsubmit: (event) => { event.preventDefault(); send(view); } },
    el("h3", {}, plain(title.text)),
    blocks.map((b) => (b.type === "input" ? drawInput(b, context) : drawBlocks([b], context))),
    el("div", { class: "block-actions" },
      el("button", { class: "slack-button", type: "button", onclick: close }, cancel ? plain(cancel.text) : "Close"),
      submit && el("button", { class: "slack-button primary", type: "submit" }, plain(submit.text)))));
  mark(errors);
  if (!dialog.open) dialog.showModal();
}

function hide() {
  shown = "";
  if (dialog.open) dialog.close();
}

async function close() {
  if (await act("close", { view: shown })) hide();
}

// mark says at each input what is wrong with it.
function mark(errors) {
  for (const node of dialog.querySelectorAll("[data-error]")) node.textContent = errors[node.dataset.error] ?? "";
}

async function send(view) {
  const values = {};
  for (const b of view.view.blocks.filter((x) => x.type === "input")) {
    values[b.block_id] = [...dialog.querySelectorAll("[name]")].filter((n) => n.name === b.block_id && (n.type !== "radio" || n.checked)).map((n) => n.value)[0] ?? "";
  }
  mark({});
  const answer = await act("submit", { view: view.id, values });
  if (answer && (answer.status < 200 || answer.status > 299)) toast(`cxloop answered ${answer.status}: ${answer.response}`);
}

function drawInput(b, context) {
  return el("div", { class: "modal-input" },
    el("label", { for: `in-${b.block_id}` }, plain(b.label.text), b.optional && el("span", { class: "hint" }, " (optional)")),
    field(b, b.element, context), el("p", { class: "wrong", role: "alert", "data-error": b.block_id }));
}

function field(b, e, context) {
  const name = { id: `in-${b.block_id}`, name: b.block_id, required: !b.optional };
  if (e.type === "plain_text_input") return e.multiline ? el("textarea", { ...name, rows: 4, maxlength: e.max_length }, e.initial_value ?? "") : el("input", { ...name, maxlength: e.max_length, value: e.initial_value });
  if (e.type === "datepicker") return el("input", { ...name, type: "date", value: e.initial_date });
  const initial = e.initial_user ?? e.initial_option?.value ?? "";
  const options = e.type === "users_select" ? context.people.map((u) => [u.id, u.real_name || u.name]) : (e.options ?? []).map((o) => [o.value, plain(o.text.text)]);
  if (e.type === "radio_buttons") {
    return el("div", { class: "radios", id: name.id }, options.map(([value, title]) =>
      el("label", {}, el("input", { type: "radio", name: b.block_id, value, checked: value === initial, required: !b.optional }), title)));
  }
  return el("select", { ...name, class: "slack-select" }, el("option", { value: "", selected: !initial }, plain(e.placeholder?.text ?? "Choose")),
    options.map(([value, title]) => el("option", { value, selected: value === initial }, title)));
}
