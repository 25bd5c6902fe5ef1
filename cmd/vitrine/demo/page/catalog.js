// The catalog's page: which theme and which direction of writing a person wants to see it in.
const root = document.documentElement;
const theme = document.getElementById("theme");
const direction = document.getElementById("direction");
const asked = new URLSearchParams(location.search);
theme.value = asked.get("theme") ?? "";
direction.value = asked.get("dir") ?? "ltr";
const show = () => {
  root.dataset.theme = theme.value;
  root.dir = direction.value;
};
theme.addEventListener("change", show);
direction.addEventListener("change", show);
show();
