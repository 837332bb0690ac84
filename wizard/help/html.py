"""A page of the help as one HTML file: no script, nothing loaded from elsewhere, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from wizard.help.blocks import Block, Heading, Items, Paragraph, Place, Table, spans

STYLE = """
:root { color-scheme: light dark; --back: #fff; --ink: #1f2933; --muted: #52606d; --line: #d9dee5; --link: #00557f;
  --soft: #f2f8fc; --edge: #0072b2; --key: #eef1f4; }
@media (prefers-color-scheme: dark) { :root { --back: #13171c; --ink: #e8ecf0; --muted: #a5b0bb; --line: #36404b;
  --link: #6fbceb; --soft: #1b2a36; --edge: #2389c9; --key: #262e37; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.6 "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
.frame { display: grid; grid-template-columns: 14rem minmax(0, 1fr); max-width: 66rem; margin: 0 auto; gap: 2.5rem;
  padding: 2rem 1.5rem 4rem; }
nav { position: sticky; top: 2rem; align-self: start; max-height: calc(100vh - 4rem); overflow: auto; }
nav p { font-weight: 600; margin: 0 0 .5rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li { margin: .1rem 0; }
nav a { display: block; padding: .2rem .6rem; border-left: 3px solid transparent; text-decoration: none; }
nav a[aria-current] { border-color: var(--edge); background: var(--soft); font-weight: 600; }
a { color: var(--link); }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); }
a:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
h1 { font-size: 2rem; font-weight: 400; line-height: 1.2; margin: 0 0 .8rem; }
h2 { font-size: 1.35rem; font-weight: 600; margin: 2.4rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; font-weight: 600; margin: 1.6rem 0 .2rem; }
h4 { font-size: 1rem; font-weight: 600; color: var(--muted); margin: 1.4rem 0 .2rem; }
h1, h2, h3, h4 { scroll-margin-top: 1.5rem; }
:target { background: var(--soft); box-shadow: -.6rem 0 0 var(--edge); }
p, ul, ol { margin: .5rem 0; max-width: 44rem; } li { margin: .25rem 0; }
.note { padding: .6rem .9rem; border-left: 4px solid var(--edge); background: var(--soft); }
.muted { color: var(--muted); font-size: .9rem; }
code { font: .9em/1.4 "Cascadia Mono", Consolas, Menlo, "DejaVu Sans Mono", monospace; background: var(--key);
  border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--muted);
  font-size: .9rem; }
svg text { fill: var(--ink); font-size: 13px; } svg .soft { fill: var(--muted); font-size: 11px; }
svg rect { fill: var(--soft); stroke: var(--line); } svg .act { fill: var(--edge); stroke: none; }
svg .on { fill: #fff; font-weight: 600; } svg { max-width: 100%; height: auto; }
@media (max-width: 52rem) { .frame { display: block; } nav { position: static; max-height: none; }
  nav ul { columns: 2; } }
@media print { nav { display: none; } .frame { display: block; max-width: none; padding: 0; } :root { --back: #fff;
  --ink: #000; --muted: #444; --line: #ccc; --link: #00557f; --soft: #f2f8fc; --key: #eef1f4; }
  h1, h2, h3 { break-after: avoid; } .skip { display: none; } }
"""


def line(text: str) -> str:
    """Return a line as HTML; links between pages of the help lead to their files."""
    made = ""
    for span in spans(text):
        words = escape(span.text)
        if span.look == "bold":
            words = f"<strong>{words}</strong>"
        elif span.look == "italic":
            words = f"<em>{words}</em>"
        elif span.look == "code":
            words = f"<code>{words}</code>"
        elif span.look == "link":
            words = f'<a href="{escape(span.target.replace(".md", ".html"))}">{words}</a>'
        made += words
    return made


def body(blocks: Sequence[Block], fill: Callable[[str], str]) -> str:
    """Return blocks as HTML; `fill` gives the HTML of places that are no blocks."""
    return "\n".join(_block(block, fill) for block in blocks)


def _block(block: Block, fill: Callable[[str], str]) -> str:
    if isinstance(block, Heading):
        mark = f' id="{escape(block.anchor)}"' if block.anchor else ""
        return f"<h{block.level}{mark}>{line(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        look = "" if block.tone == "plain" else f' class="{block.tone}"'
        return f"<p{look}>{line(block.text)}</p>"
    if isinstance(block, Items):
        kind = "ol" if block.ordered else "ul"
        return f"<{kind}>" + "".join(f"<li>{line(item)}</li>" for item in block.items) + f"</{kind}>"
    if isinstance(block, Table):
        return _table(block)
    assert isinstance(block, Place)
    return fill(block.name)


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{line(cell)}</th>' for cell in block.head)
    rows = "".join("<tr>" + "".join(f"<td>{line(cell)}</td>" for cell in row) + "</tr>" for row in block.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def page(
    *,
    title: str,
    language: str,
    inside: str,
    links: Sequence[tuple[str, str]],
    here: str,
    heading: str,
    skip: str,
    footer: str,
) -> str:
    """Return a whole page; `links` are file and title of every page, `here` is this one's file,
    `skip` are the words of the link past the contents."""
    entries = "".join(
        f'<li><a href="{name}"{" aria-current=" + chr(34) + "page" + chr(34) if name == here else ""}>'
        f"{escape(words)}</a></li>"
        for name, words in links
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8" />\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1" />\n'
        f"<title>{escape(title)} – CytoWizard</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#text">{escape(skip)}</a>\n<div class="frame">\n'
        f'<nav aria-label="{escape(heading)}"><p>{escape(heading)}</p><ul>{entries}</ul></nav>\n'
        f'<main id="text">\n{inside}\n<footer>{escape(footer)}</footer>\n</main>\n</div>\n</body>\n</html>\n'
    )


def forward(target: str, language: str, title: str) -> str:
    """Return a page that leads on to a section at once: programs open files, not sections of files."""
    place = escape(target)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8" />\n'
        f'<meta http-equiv="refresh" content="0; url={place}" />\n<title>{escape(title)}</title>\n</head>\n'
        f'<body><p><a href="{place}">{escape(title)}</a></p></body>\n</html>\n'
    )
