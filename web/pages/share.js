// Copies the personal link. Without scripts the field is there to be copied from.
const link = document.getElementById("link");
const copy = document.getElementById("copy");
const said = document.getElementById("copied");
copy.hidden = false;
copy.addEventListener("click", async () => {
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
  } catch {
    if (!document.execCommand("copy")) return;
  }
  said.textContent = said.dataset.text;
});
