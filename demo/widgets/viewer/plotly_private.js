// All uses of Plotly's private fields, which may change with any release.
//
// tests/demo/widgets/test_plotly_private.py detects that.

const sceneOf = (plot) => plot._fullLayout.scene._scene;

// Plots made after this one are not drawn a second time and read back to find what lies under the
// pointer, which takes half of the time on a CPU. Objects without pick slots skip that.
export function stopPicking(plot) {
  for (const object of sceneOf(plot).glplot?.objects ?? []) // none without WebGL
    Object.getPrototypeOf(object).pickSlots = 0;
}

// Draws a plot once more and returns its canvas, whose pixels last until the browser shows it.
export function redrawn(plot) {
  const { glplot } = sceneOf(plot);
  glplot.redraw();
  return glplot.canvas;
}

// Plotly.restyle updates the whole plot, a third of the scrubbing time. To replace one mesh by another,
// the object that draws it is updated directly. Returns the canvas it has drawn on; null where there
// is no such object.
export function exchangeMesh(plot, mesh, colorscale) {
  const { data: [given], _fullData: [full] } = plot, scene = sceneOf(plot);
  const shown = scene.traces?.[full.uid];
  if (!shown) return null;
  for (const trace of [given, full]) Object.assign(trace, mesh, { colorscale });
  shown.update(full);
  scene.glplot.redraw();
  return scene.glplot.canvas;
}
