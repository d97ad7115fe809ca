"use strict";
// Search in the table of runs, and interactive plots in place of the drawn ones. The page reads without this script.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const table = document.querySelector("#runs table");
  if (table && table.tBodies[0].rows.length > 1) {
    const rows = Array.from(table.tBodies[0].rows, row => [row, row.textContent.toLowerCase()]);
    const search = document.createElement("input");
    Object.assign(search, { type: "search", placeholder: "Search runs: words, all of which must occur", className: "search" });
    search.setAttribute("aria-label", "Search runs");
    const count = document.createElement("span");
    count.className = "count";
    count.setAttribute("role", "status");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every(word => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = words.length ? shown + " of " + rows.length : "";
    });
    document.getElementById("runs").prepend(search, count);
  }

  const library = document.getElementById("plotly");
  if (!library || typeof DecompressionStream === "undefined") return;
  let loading;
  const load = () => loading ??= (async () => {
    const bytes = Uint8Array.from(atob(library.textContent), c => c.charCodeAt(0));
    const code = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    const script = document.createElement("script");
    script.textContent = code; // the policy of this page allows this text by its hash, and no other
    document.head.append(script);
    return globalThis.Plotly;
  })();

  const draw = (Plotly, box, data, height) => {
    const ink = dark ? "#e8eaed" : "#1d2126", grid = dark ? "#2b3036" : "#e3e6ea";
    const layout = {
      height, margin: { l: 64, r: 16, t: 24, b: 56 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: ink, family: "Helvetica, Arial, sans-serif", size: 12 }, hovermode: "closest", modebar: { bgcolor: "rgba(0,0,0,0)", color: dark ? "#6d747d" : "#8a9099", activecolor: ink }, legend: { font: { size: 11 } },
    };
    const share = 1 / data.panels.length, gap = data.panels.length > 1 ? 0.11 : 0;
    data.panels.forEach((panel, i) => {
      const n = i ? i + 1 : "";
      const axis = (title, log) => ({ title: { text: title }, type: log ? "log" : "linear", exponentformat: "power", gridcolor: grid, zerolinecolor: grid, dtick: undefined });
      layout["xaxis" + n] = { ...axis(panel.x, panel.logX), domain: [i * share + (i ? gap / 2 : 0), (i + 1) * share - (i + 1 < data.panels.length ? gap / 2 : 0)], anchor: "y" + n };
      layout["yaxis" + n] = { ...axis(panel.y, panel.logY), anchor: "x" + n };
    });
    const listed = data.series.filter(s => s.name);
    const traces = data.series.map(s => {
      const colour = dark ? s.dark : s.light, n = s.panel ? s.panel + 1 : "", line = s.kind === "line" || s.kind === "dashed";
      const trace = {
        type: "scatter", x: s.x, y: s.y, xaxis: "x" + n, yaxis: "y" + n, name: s.name, showlegend: Boolean(s.name) && listed.findIndex(t => t.name === s.name) === listed.indexOf(s) && listed.length <= 40,
        legendgroup: s.name || undefined, mode: line || s.kind === "band" ? "lines" : "markers", line: { color: colour, width: s.kind === "band" ? 0 : 1.8, dash: s.kind === "dashed" ? "dash" : "solid" },
        marker: { color: colour, size: s.kind === "diamonds" ? 9 : 6, symbol: s.kind === "rings" ? "circle-open" : s.kind === "diamonds" ? "diamond" : "circle" },
        hoverinfo: s.kind === "band" ? "skip" : undefined,
      };
      if (s.kind === "band") Object.assign(trace, { fill: "toself", fillcolor: colour + "2e" });
      if (s.hover) Object.assign(trace, { text: s.hover, hovertemplate: "%{text}<extra></extra>" });
      return trace;
    });
    const options = { displaylogo: false, responsive: true, showSendToCloud: false, showEditInChartStudio: false, modeBarButtonsToRemove: ["sendDataToCloud", "lasso2d", "select2d"] };
    return Plotly.newPlot(box, traces, layout, options);
  };

  for (const figure of document.querySelectorAll("figure")) {
    const source = figure.querySelector("script[type='application/json']");
    if (!source) continue;
    const drawn = figure.querySelector(".wide"), button = document.createElement("button"), box = document.createElement("div");
    button.type = "button";
    button.textContent = "Explore: hover, zoom";
    box.className = "interactive";
    box.hidden = true;
    button.addEventListener("click", async () => {
      if (box.hidden) {
        const height = Math.max(360, drawn.getBoundingClientRect().height);
        button.disabled = true;
        const Plotly = await load();
        drawn.hidden = true;
        box.hidden = false;
        if (!box.childElementCount) await draw(Plotly, box, JSON.parse(source.textContent), height);
        button.disabled = false;
        button.textContent = "Back to the drawing";
      } else {
        box.hidden = true;
        drawn.hidden = false;
        button.textContent = "Explore: hover, zoom";
      }
    });
    figure.insertBefore(button, drawn);
    drawn.after(box);
  }
})();
