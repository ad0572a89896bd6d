// All that is used of what Plotly keeps to itself, and may change with any release.
//
// tests/demo/widgets/test_plotly_private.py tells when it has.

const sceneOf = (plot) => plot._fullLayout.scene._scene;

// Plots that are made after this one are not drawn a second time and read back, to know what lies
// under the pointer: half of the time on a CPU. What has no pick slots is left out of that.
export function stopPicking(plot) {
  for (const object of sceneOf(plot).glplot?.objects ?? []) // none without WebGL
    Object.getPrototypeOf(object).pickSlots = 0;
}

// Plotly.restyle works through the whole plot, a third of the time of scrubbing. Where one mesh takes
// the place of another, the object that draws it is told so directly. Returns the canvas it has drawn
// on; null where there is no such object.
export function exchangeMesh(plot, mesh, colorscale) {
  const { data: [given], _fullData: [full] } = plot, scene = sceneOf(plot);
  const shown = scene.traces?.[full.uid];
  if (!shown) return null;
  for (const trace of [given, full]) Object.assign(trace, mesh, { colorscale });
  shown.update(full);
  scene.glplot.redraw();
  return scene.glplot.canvas;
}
