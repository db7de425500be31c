r"""A model's Markdown as HTML that is safe to show and keeps its look when a notebook is saved.

The text is a stranger's. As ``text/markdown`` a trusted JupyterLab would run the HTML in it, so it is turned
into HTML here: tags in it are shown as they are written, a link goes to ``http``, ``https`` or ``mailto`` or is
no link, and a picture becomes a link, because loading it would tell its server what was asked. Formulas
(``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]``) are left to the front end's MathJax; a price is no formula.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup

from minimax_nb.render import format as fmt
from minimax_nb.render.style import STYLES

if TYPE_CHECKING:
    import mistune

LONGEST = 100_000  #: characters that are formatted; the rest is in the file
NEWEST = 12_000  #: characters that are shown of an answer while it comes

_SCHEMES = frozenset({"http", "https", "mailto"})
_SIZES = {1: "1.3em", 2: "1.2em", 3: "1.1em"}
#: Inside what is kept from MathJax, this is given to it again (MathJax 3 and 2).
_MATH = '<span class="mathjax_process tex2jax_process">{}</span>'
# As in pandoc: no blank inside the dollars, no digit after them, so that "$5 to $10" stays money.
_INLINE_MATH = (
    r"\$\$(?P<display>[^$]+?)\$\$"
    r"|\$(?P<dollar>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?![0-9])"
    r"|\\\((?P<round>[^\n]+?)\\\)"
    r"|\\\[(?P<square>[\s\S]+?)\\\]"
)
_BLOCK_MATH = (
    r"^ {0,3}(?:\$\$[ \t]*\n(?P<block_dollar>[\s\S]+?)\n[ \t]*\$\$"
    r"|\\\[[ \t]*\n(?P<block_square>[\s\S]+?)\n[ \t]*\\\])[ \t]*$"
)

#: TeX that reaches beyond a formula: addresses, styles, macros that grow without end.
_NO_FORMULA = re.compile(
    r"\\(href|url|class|cssId|style|require|html\w*|includegraphics|mmlToken|unicode|(new|renew|provide)\w+|[egx]?def|let)\b"
)


def html_of(text: str) -> Markup:
    """Return Markdown as safe HTML; what cannot be formatted is shown as it is written, and nothing raises."""
    shown = fmt.clean(text)
    more = ""
    if len(shown) > LONGEST:
        more = f'<p style="{STYLES["dim"]}">… {len(shown) - LONGEST:,} more characters in the file</p>'
        shown = shown[:LONGEST]
    try:
        html = str(_parser()(shown))
    except Exception:  # the answer is paid for; a parser's limit must not hide it
        html = f'<div style="white-space:pre-wrap">{escape(shown)}</div>'
    return Markup(html + more)  # noqa: S704 - every part of it is escaped or made here


def newest(text: str) -> str:
    """Return the end of a text that is still coming, from a paragraph's beginning: it is painted again and again."""
    if len(text) <= NEWEST:
        return text
    start = text.find("\n\n", len(text) - NEWEST)
    return "…\n\n" + (text[-NEWEST:] if start < 0 else text[start + 2 :])


@cache
def _parser() -> mistune.Markdown:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        """Inline styles, safe links, no pictures, no tags of the text's own."""

        def text(self, text: str) -> str:
            return escape(text)

        def link(self, text: str, url: str, title: str | None = None) -> str:
            if not _is_safe(url):
                return text
            style = STYLES["link"]
            return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer" style="{style}">{text}</a>'

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return self.link(f"picture: {text or 'without a name'}", url)

        def codespan(self, text: str) -> str:
            return f'<code style="{STYLES["md_code"]}">{escape(text)}</code>'

        def linebreak(self) -> str:
            return "<br>\n"

        def inline_html(self, html: str) -> str:
            return escape(html)

        def block_html(self, html: str) -> str:
            return f'<p style="{STYLES["md_p"]}">{escape(html.strip())}</p>\n'

        def block_error(self, text: str) -> str:
            return self.block_html(text)

        def paragraph(self, text: str) -> str:
            return f'<p style="{STYLES["md_p"]}">{text}</p>\n'

        def heading(self, text: str, level: int, **attrs: Any) -> str:
            # No <h1>: it would enter the notebook's table of contents.
            size = _SIZES.get(level, "1em")
            return f'<p style="{STYLES["md_p"]};font-weight:600;font-size:{size}">{text}</p>\n'

        def thematic_break(self) -> str:
            return f'<hr style="{STYLES["md_rule"]}">\n'

        def block_code(self, code: str, info: str | None = None) -> str:
            return f'<pre style="{STYLES["md_pre"]}"><code style="{STYLES["md_plain"]}">{escape(code)}</code></pre>\n'

        def block_quote(self, text: str) -> str:
            return f'<blockquote style="{STYLES["md_quote"]}">{text}</blockquote>\n'

        def list(self, text: str, ordered: bool, **attrs: Any) -> str:
            start = attrs.get("start")
            first = f' start="{int(start)}"' if ordered and start is not None else ""
            name = "ol" if ordered else "ul"
            return f'<{name}{first} style="{STYLES["md_list"]}">{text}</{name}>\n'

        def list_item(self, text: str) -> str:
            return f"<li>{text}</li>\n"

        def table(self, text: str) -> str:
            return (
                f'<div style="{STYLES["scroll"]}"><table style="{STYLES["md_table"]}">{text}</table></div>\n'
            )

        def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
            side = align if align in ("left", "right", "center") else "left"
            name = "th" if head else "td"
            style = STYLES["md_th" if head else "md_td"]
            return f'<{name} style="{style};text-align:{side}">{text}</{name}>'

        def table_row(self, text: str) -> str:
            return f'<tr style="{STYLES["row"]}">{text}</tr>'

        def formula(self, text: str) -> str:
            return self.codespan(text) if _NO_FORMULA.search(text) else _MATH.format(escape(text))

        def block_formula(self, text: str) -> str:
            return f'<p style="{STYLES["md_p"]}">{self.formula(text)}</p>\n'

    parser = mistune.create_markdown(
        renderer=Renderer(escape=True), hard_wrap=True, plugins=["table", "strikethrough", "url"]
    )
    # Without these a tag is text like any other, and what stands beside it on its line is formatted all the same.
    parser.block.rules.remove("raw_html")
    parser.inline.rules.remove("inline_html")
    _formulas(parser)
    return parser


def _formulas(parser: mistune.Markdown) -> None:
    """Teach the parser formulas, before it takes their backslashes and underscores for its own."""

    def inline(_: Any, found: re.Match[str], state: Any) -> int:
        state.append_token({"type": "formula", "raw": found.group(0)})
        return found.end()

    def block(_: Any, found: re.Match[str], state: Any) -> int:
        state.append_token({"type": "block_formula", "raw": found.group(0).strip()})
        return found.end() + 1

    parser.inline.register("formula", _INLINE_MATH, inline, before="escape")
    parser.block.register("block_formula", _BLOCK_MATH, block, before="list")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and bool(parts.netloc or parts.scheme.lower() == "mailto")
