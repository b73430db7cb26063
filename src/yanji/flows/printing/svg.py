"""A laid-out label as a picture for a page: what the editor shows as one types."""

from html import escape

from .layout import Dark, Laid, Written, wide

ANCHORS = {"left": "start", "center": "middle", "right": "end"}
# Control characters, which no XML can hold (XML 1.0, 2.2): a name with one must not make the picture none.
UNSAID = dict.fromkeys([*(n for n in range(32) if chr(n) not in "\t\n\r"), 0xFFFE, 0xFFFF])


def label_svg(laid: Laid, *, title: str) -> str:
    """An SVG whose units are millimetres; it is as wide as what it stands in lets it be."""
    width, height = laid.template.width, laid.template.height
    dark = "".join(map(_path, (*laid.dark, *laid.squares())))
    written = "".join(map(_line, laid.written))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}mm" '
        f'height="{height:g}mm" role="img" aria-label="{escape(title)}">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{dark}"/>'
        f'<g fill="#000" font-family="Inter Variable, Noto Sans SC Variable, sans-serif">{written}</g></svg>'
    )


def _path(box: Dark) -> str:
    return f"M{box.x:.5g} {box.y:.5g}h{box.w:.5g}v{box.h:.5g}h{-box.w:.5g}z"


def _line(line: Written) -> str:
    x = line.x + {"center": line.w / 2, "right": line.w}.get(line.align, 0)
    # Another font than the printer's: as wide as it will be printed where that is nearly all the room there is.
    across = wide(line.text, line.size)
    width = f' textLength="{across:.5g}" lengthAdjust="spacingAndGlyphs"' if across > 0.6 * line.w else ""
    anchor = ANCHORS.get(line.align, "start")
    bold = ' font-weight="700"' if line.bold else ""
    return (
        f'<text x="{x:.5g}" y="{line.foot:.5g}" font-size="{line.size:g}" text-anchor="{anchor}"{bold}{width}>'
        f"{escape(line.text.translate(UNSAID))}</text>"
    )
