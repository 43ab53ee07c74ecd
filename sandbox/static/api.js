import { toast } from "./dom.js";

// get reads JSON; it throws with the server's own words where there are any.
export async function get(path) {
  return read(await fetch(path, { headers: { Accept: "application/json" } }));
}

// act does something in the playground and says so where it fails. It returns the answer, or null after a failure.
export async function act(action, body) {
  try {
    return await read(await fetch(`/playground/do/${action}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }));
  } catch (error) {
    toast(error.message);
    return null;
  }
}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `the playground answered ${response.status}`);
  return body;
}
