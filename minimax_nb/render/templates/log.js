(function (name) {
  var root = document.getElementById(name), table = root && root.querySelector("table");
  if (!table || root.dataset.live) return;
  root.dataset.live = 1;
  var body = table.tBodies[0], rows = Array.from(body.rows), last = -1, up = false;
  function value(row, at) {
    var cell = row.cells[at], text = cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
    return text === "" || isNaN(text) ? text.toLowerCase() : Number(text);
  }
  Array.from(table.tHead.rows[0].cells).forEach(function (head, at) {
    var word = head.textContent;
    head.style.cursor = "pointer";
    head.title = "Sort";
    head.onclick = function () {
      up = last === at ? !up : true;
      last = at;
      rows.sort(function (a, b) {
        var x = value(a, at), y = value(b, at), d;
        if (x === "" || y === "") return x === y ? 0 : x === "" ? 1 : -1;
        d = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
        return up ? d : -d;
      });
      rows.forEach(function (row) { body.appendChild(row); });
      Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.textContent = cell.textContent.replace(/ [▲▼]$/, ""); });
      head.textContent = word + (up ? " ▲" : " ▼");
    };
  });
  var field = document.createElement("input"), count = document.createElement("span");
  field.type = "search";
  field.placeholder = "filter these " + rows.length + " rows";
  field.style.cssText = "font:inherit;color:inherit;background:transparent;border:1px solid rgba(127,127,127,0.45);" +
    "border-radius:5px;padding:2px 8px;margin:0 8px 6px 0;width:240px";
  count.style.opacity = 0.66;
  field.onkeydown = function (event) { event.stopPropagation(); };
  field.oninput = function () {
    var words = field.value.toLowerCase().split(/\s+/), left = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      var fits = words.every(function (word) { return text.indexOf(word) >= 0; });
      row.style.display = fits ? "" : "none";
      left += fits;
    });
    count.textContent = field.value ? left + " of " + rows.length : "";
  };
  root.insertBefore(count, root.children[1]);
  root.insertBefore(field, count);
})
