import { act } from "./api.js";
import { el, list, toast } from "./dom.js";

const marks = { waiting: "", running: "", done: "✓", failed: "!" };

// showScenarios shows the buttons and how far the stories have come that they play.
export function showScenarios(state, see) {
  list(document.getElementById("buttons"), state.scenarios, (s) => s.name, (s) =>
    el("button", { type: "button", class: s.name === "unhappy" ? "scenario first" : "scenario", id: `play-${s.name}`, onclick: play },
      el("b", {}, s.title), el("span", {}, s.about)));
  list(document.getElementById("runs"), state.runs.slice(0, 3), (r) => r.id, (r) =>
    el("li", { class: `run ${r.state}` }, el("h3", {}, r.title),
      el("ol", { class: "steps" }, r.steps.map((s) => drawStep(s, see)))));
}

async function play(event) {
  const button = event.currentTarget;
  button.disabled = true;
  const started = await act("play", { scenario: button.id.replace("play-", "") });
  button.disabled = false;
  if (started) toast("Started: follow the steps below the buttons.");
}

function drawStep(step, see) {
  return el("li", { class: `step ${step.state}` },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[step.state]),
    el("div", {},
      step.see ? el("button", { type: "button", class: "see", onclick: () => see(step.see) }, step.title) : el("span", {}, step.title),
      el("span", { class: "sr" }, ` (${step.state})`),
      step.detail && el("small", {}, step.detail)));
}
