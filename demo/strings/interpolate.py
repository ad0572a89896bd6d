"""What the Interpolate tab says."""

from __future__ import annotations

TAB = "Interpolate"

LETTERS = "ABCD"
PLACE = "{right:.0f} %"
PLACE_IN_GRID = "{right:.0f} % across, {down:.0f} % down"

PAIRS = "Open a finished walk, or choose end points of your own"
KIND = "Walk"
KINDS = [("Between two", "path"), ("Between four", "grid")]
ROAM = ("Roam a square", "square")  # offered where the models guess
POINTS = "End points"
POINT = "End point {letter}: {label}. Choose what follows for it."
POINT_EMPTY = "nothing yet"
POINT_ACTIVE = "choosing"
SWAP = "⇄ Swap"
SHELF = "Choose from"
SHELF_INFO = "Type to search the gallery"
SHELF_EXAMPLES = "Example pictures"
SHELF_EMPTY = "There is nothing to choose here."
SUBTYPE = "{category}: {subtype}"
OTHERS = "⚄ Others"
UPLOAD = "Or your own picture or drawing"
FRAMES = "Frames"
SIDE = "Grid"
SIDES = [("3 × 3", 3), ("5 × 5", 5), ("7 × 7", 7)]
MODE = "Way"
MODES = [("Arc (slerp)", "slerp"), ("Line (lerp)", "lerp")]
RUN = "Walk"

VIEWER = {
    "empty": "Open a walk above, or choose end points, then press “Walk”.",
    "scrubber": "Place on the way",
    "play": "Play the walk",
    "pause": "Pause",
}

ESTIMATE = "About {seconds} for {frames} frames on this {device}"
RUNNING = "{done} of {frames} frames: you can already scrub"
REFINING = "{done} of {frames} frames refined, the others are guesses: you can already scrub"
DONE = "{title} · {mode} · seed {seed} · {how}"
PRECOMPUTED = "Computed beforehand · " + DONE
TITLE = " → "  # between the names of two end points
TITLE_GRID = " / "  # and of four

CURVES = {
    "steps": "IoU between neighbours",
    "iou": "IoU to each end",
    "cosine": "Cosine to each end",
    "empty": "The curves are drawn here while you walk.",
    "key": "to the left end: solid, first · to the right: dashed, second",
    "help": "{title}: curves of {spaces} from A to B. The numbers are in the text below.",
}
TRACE_ENDS = ("Start", "End")  # of a trace through the square
BAD_TRACE = "A trace has {least} to {most} places: drag the point through the square first."
BAD_PLACES = "A place is two whole numbers from 0 to {side}: how far across and how far down."
NO_CORNERS = "Give four pictures, the corners of the square: image_a to image_d."
BAD_NUMBER_OF_PLACES = "The number of places has to be from 1 to {most}."
NO_SQUARE = "These weights have no guess, so there is no square to roam."
SQUARE_GONE = "This square has been closed meanwhile: choose its corners again."
SQUARE = {
    "hint": "Choose four corners: then a point between them is yours to move.",
    "help": "A point between A, B, C and D: drag it, or use the arrow keys",
    "place": "{right} % across, {down} % down",
    "note": "Guesses follow the point · rest half a second and diffusion refines the place",
    "refining": "Refining this place…",
    "busy": "Many are roaming just now: yours goes on in a moment.",
    "lost": "The page does not answer: reload it.",
    "forget": "Forget the trace",
}
PAD = {
    "title": "All {frames} frames",
    "help": "Drag over the grid, or use the arrow keys.",
    "missing": "not made yet",
    "guess": "a guess",
}

SMOOTHNESS = (
    "{space}: neighbours overlap at a mean IoU of {mean:.3f}; the largest jump is {largest:.3f}, "
    "between {a} and {b}."
)
DETOUR = " The way is {detour:.1f} times as long as the distance between its ends (in 1 − IoU)."
GUESSED = "{guessed} of {frames} frames are guesses so far: these numbers will change."
PARTLY = " Known so far: {known} of {steps} steps."
SMOOTHEST = (
    "{space} is smoother on this walk: its neighbours overlap more, by more than the steps vary. "
    "Ends that are closer leave less to change, so compare the lengths of the ways too; and one "
    "walk says little about the spaces."
)
NO_SMOOTHEST = (
    "There is no clear difference in smoothness on this walk: the means are too close for how much "
    "the steps vary."
)

NO_POINTS = "Choose something for {letters} first: an example, a gallery shape or a picture."
NOTHING_SHARED = "These end points have no column in common, so there is no way between them."
BAD_POINT = "This end point cannot be used: choose it again."
BAD_FRAMES = "The number of frames has to be a whole number from {least} to {most}."
BAD_MODE = "The way has to be one of {modes}."
NO_IMAGES = "Give two pictures to walk between: image_a and image_b."

API_INTERPOLATE = """Walk from one image to another through both embedding spaces, with one noise.

image_a, image_b: two pictures (PNG, JPEG, WebP, GIF...). frames: 2 to 65, ends included. mode:
"slerp" (along the great circle, at constant speed) or "lerp" (along the chord, normalised).
seed: 0 or more. preset: "preview", "standard" or "full".

Returns a summary and a file. The summary holds the settings, `seconds`, `curves` (for each space
`iou_neighbours`, `iou_to_a`, `iou_to_b`, `cosine_to_a`, `cosine_to_b`), `smoothness` (mean IoU of
neighbours, the largest jump and where, and the detour: the length of the way over the distance of
its ends, in 1 - IoU) and `smoothest`, null where no space clearly is. The NPZ holds `spaces`,
`positions` (frames) and `occupancy` (spaces, frames, R, R, R) bool, in the frame grid[x, y, z], +y
up, front towards +x."""

API_ROAM = """Go to places in the square between four images, in both embedding spaces.

image_a, image_b: the upper corners, left and right; image_c, image_d: the lower ones. places: 1 to
65 pairs of whole numbers from 0 to 1000, how far across and how far down, as [[0, 0], [500, 250]].
mode: "slerp" or "lerp". seed: 0 or more. preset: "guess" (at once, without diffusion; the seed does
not matter), "preview", "standard" or "full".

Returns a summary and a file. The summary holds what was asked, `seconds` and the `hash` of the
shapes, which is the same for the same places. The NPZ holds `spaces`, `places` (places, 2) and
`occupancy` (spaces, places, R, R, R) bool, in the frame grid[x, y, z], +y up, front towards +x."""

OTHER_SETTINGS = "This link asks for a walk that this page does not offer."
FROM_LINK = "From a link"
ZIP = "Frames .zip"
