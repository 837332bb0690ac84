"""The page on which a report is shown: one file, nothing loaded from elsewhere."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1f2933;
  font: 16px/1.55 "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 2px solid #0072b2; padding-bottom: 1rem; margin-bottom: 1.5rem; }
h1 { font-size: 2rem; font-weight: 300; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.5rem; font-weight: 400; color: #00557f; margin: 3rem 0 .8rem; padding-bottom: .2rem;
  border-bottom: 1px solid #d9dee5; overflow-wrap: anywhere; }
h3 { font-size: 1.1rem; font-weight: 600; margin: 2rem 0 .6rem; }
p { margin: .6rem 0; overflow-wrap: anywhere; }
.meta { color: #52606d; margin: .1rem 0; }
.research { font-weight: 600; }
.note, .warning { padding: .55rem .9rem; border-left: 4px solid #56b4e9; background: #f2f8fc; }
.warning { border-color: #d55e00; background: #fdf4ee; }
.warning::before { content: "Please note: "; font-weight: 600; }
nav ol { margin: .4rem 0; padding-left: 1.4rem; }
a { color: #00557f; }
.scroll { overflow-x: auto; margin: 1.2rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; white-space: nowrap; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #e4e7eb; text-align: left; vertical-align: top;
  overflow-wrap: break-word; max-width: 26rem; }
th { font-weight: 600; color: #3e4c59; border-bottom: 1.5px solid #7b8794; vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; }
.remark { color: #52606d; font-size: .88rem; max-width: 50rem; }
figure { margin: 1.6rem 0; break-inside: avoid; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { color: #52606d; font-size: .88rem; margin-top: .4rem; max-width: 50rem; }
.blank { background: #fff3c4; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .4rem .8rem; }
details > summary { cursor: pointer; color: #00557f; margin: 1rem 0; font-weight: 600; }
.enlarge { border: 0; padding: 0; background: none; cursor: zoom-in; display: block; max-width: 100%; }
.sort { border: 0; padding: 0; margin: 0; background: none; font: inherit; color: inherit; cursor: pointer;
  text-align: inherit; }
.sort::after { content: " \\2195"; color: #9aa5b1; }
th[aria-sort="ascending"] .sort::after { content: " \\2191"; color: #00557f; }
th[aria-sort="descending"] .sort::after { content: " \\2193"; color: #00557f; }
button:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
.zoom { position: fixed; inset: 0; z-index: 9; background: rgba(255, 255, 255, .97); display: flex;
  align-items: center; justify-content: center; overflow: hidden; }
.zoom img { max-width: 96vw; max-height: 92vh; cursor: grab; touch-action: none; }
.zoom-bar { position: fixed; top: .6rem; right: .8rem; display: flex; gap: .4rem; }
.zoom-bar button { font: inherit; min-width: 2.6rem; padding: .35rem .7rem; border: 1px solid #7b8794;
  border-radius: 6px; background: #fff; cursor: pointer; }
footer { margin-top: 3rem; border-top: 1px solid #d9dee5; padding-top: .8rem; color: #52606d; }
.research-line { display: none; }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; } .scroll { overflow: visible; }
  h2, h3, caption { break-after: avoid; } tr { break-inside: avoid; }
  thead, tbody tr:first-child { break-before: avoid; break-after: avoid; } nav { display: none; }
  .zoom, .skip { display: none; } .sort::after { content: ""; }
  .research-line { display: block; position: fixed; bottom: 0; font-size: 8pt; }
  .note, .warning, .blank { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { margin: 16mm; }
}
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ report.title|clean }} – {{ report.project|clean }}</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<main id="content">
<header>
<h1>{{ report.title|clean }}</h1>
<p class="meta">Project: {{ report.project|clean }}</p>
<p class="meta">{{ report.created|date }} · CytoWizard {{ version }}</p>
<p class="meta research">{{ research_only }}</p>
</header>
{%- if report.sections|length > 2 %}
<nav aria-label="Contents"><ol>
{%- for section in report.sections %}
<li><a href="#part-{{ loop.index }}">{{ section.title|clean }}</a></li>
{%- endfor %}
</ol></nav>
{%- endif %}
{%- for section in report.sections %}
<section id="part-{{ loop.index }}" aria-label="{{ section.title|clean }}">
<h2>{{ section.title|clean }}</h2>
{%- for block in section.blocks %}
{%- if block is heading %}
<h3>{{ block.text|clean }}</h3>
{%- elif block is text %}
<p{% if block.tone != "plain" %} class="{{ block.tone }}"{% endif %}>{{ block.text|clean }}</p>
{%- elif block is table %}
{%- if block is folded %}
<details><summary>{{ block.title|clean }} ({{ block.rows|length }} rows)</summary>
{%- endif %}
<div class="scroll" tabindex="0" role="region" aria-label="{{ block.title|clean }}"><table>
<caption>{{ block.title|clean }}</caption>
<thead><tr>
{%- for column in block.columns %}
<th scope="col"{% if column is numeric %} class="number"{% endif %}>{{ column.title|clean }}</th>
{%- endfor %}</tr></thead>
<tbody>
{%- for row in block|first_rows %}
<tr>
{%- for value in row %}
{%- set kind = block.columns[loop.index0].kind %}
<td{% if block.columns[loop.index0] is numeric %} class="number"
{%- elif value is blank %} class="blank"{% endif %}>{{ value|shown(kind) }}</td>
{%- endfor %}</tr>
{%- endfor %}
</tbody></table>
{%- if block.note %}<p class="remark">{{ block.note|clean }}</p>{% endif %}
{%- if block.rows|length > block.shown %}
<p class="remark">{% if block.shown %}The first {{ block.shown }} of {% else %}None of the {% endif %}
{{- block.rows|length|shown("whole") }} rows; all are in the
workbook{{ "" if whole else " of this step" }}.</p>{% endif %}
</div>
{%- if block is folded %}
</details>
{%- endif %}
{%- elif block is figure %}
<figure><img src="{{ block|image }}" width="{{ block|width }}" alt="{{ block.title|clean }}. {{ block.caption|clean }}">
<figcaption><strong>{{ block.title|clean }}.</strong> {{ block.caption|clean }}</figcaption></figure>
{%- endif %}
{%- endfor %}
</section>
{%- endfor %}
<footer>{{ research_only }}</footer>
</main>
<p class="research-line" aria-hidden="true">{{ research_only }}</p>
<script>{{ script }}</script>
</body>
</html>
"""
