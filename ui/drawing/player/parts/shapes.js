// A frame made of shapes, for a canvas and for a file alike: lines and areas ({ points }), circles
// ({ x, y, radius }) and words ({ text, x, y }).

export function drawShapes(pen, box, theme, shapes) {
  pen.clearRect(0, 0, box.width, box.height);
  for (const { points, text, x, y, radius, fill, line, width, dash, alpha, align, bold, halo } of shapes) {
    pen.globalAlpha = alpha ?? 1;
    pen.fillStyle = fill;
    if (text) {
      pen.font = `${bold ? "600 " : ""}12px ${theme.font}`;
      pen.textAlign = align;
      pen.textBaseline = "alphabetic";
      pen.lineWidth = 4;
      pen.setLineDash([]);
      pen.strokeStyle = halo ?? "transparent";
      pen.strokeText(text, x, y);
      pen.fillText(text, x, y);
      continue;
    }
    pen.beginPath();
    if (points) points.forEach((point, i) => (i ? pen.lineTo(...point) : pen.moveTo(...point)));
    else pen.arc(x, y, radius, 0, 7);
    if (fill) pen.fill();
    pen.strokeStyle = line;
    pen.lineWidth = width ?? 1;
    pen.setLineDash(dash ?? []);
    if (line) pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

export function shapesSvg(box, theme, title, shapes) {
  const parts = [...shapes].map(({ points, text, x, y, radius, fill, line, width, dash, alpha, align }) => {
    if (text) return `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${{ left: "start", center: "middle", right: "end" }[align]}">${escaped(text)}</text>`;
    const drawn = `fill="${fill ?? "none"}" fill-opacity="${alpha ?? 1}" stroke="${line ?? "none"}" stroke-opacity="${alpha ?? 1}" stroke-width="${width ?? 1}" stroke-dasharray="${(dash ?? []).join(" ")}"`;
    if (!points) return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" ${drawn}/>`;
    return `<polyline points="${points.map((point) => point.map((n) => n.toFixed(1)).join(",")).join(" ")}" ${drawn}/>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${box.height}" font-family="sans-serif" font-size="12">` +
    `<title>${escaped(title)}</title><rect width="100%" height="100%" fill="${theme.background}"/>${parts.join("")}</svg>`
  );
}

export function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
