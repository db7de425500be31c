"""A stranger's Markdown as HTML: formatted, and never more than words."""

from __future__ import annotations

import re
import time

import pytest

from minimax_nb.render.markdown import LONGEST, NEWEST, html_of, newest
from tests.unit.render_samples import TEXT_TAGS, Page

SHOWN = {"a", "div", "pre", "span", "table", "td", "th", "tr"}


def words(html: str) -> str:
    """The HTML without our inline styles, to compare by."""
    return re.sub(r' style="[^"]*"| target="_blank" rel="noopener noreferrer"', "", html).strip()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** and *b*, `c<d`", "<p><strong>a</strong> and <em>b</em>, <code>c&lt;d</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul><li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li>\n<li>b</li>\n</ol>'),
        ("# Big", "<p>Big</p>"),
        ("> said", "<blockquote><p>said</p>\n</blockquote>"),
        ("```html\n<b>&amp;\n```", "<pre><code>&lt;b&gt;&amp;amp;\n</code></pre>"),
        ("~~no~~", "<p><del>no</del></p>"),
        ("---", "<hr>"),
        ("[a](https://x.y/?q=1&r=2)", '<p><a href="https://x.y/?q=1&amp;r=2">a</a></p>'),
        ("https://x.y/z", '<p><a href="https://x.y/z">https://x.y/z</a></p>'),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert words(html_of(text)) == html


def test_a_table() -> None:
    html = words(html_of("| a | b |\n|---|--:|\n| 1 | <i> |"))
    assert [part for part in ("<th>a</th>", "<th>b</th>", "<td>1</td>", "<td>&lt;i&gt;</td>") if part in html] == [
        "<th>a</th>", "<th>b</th>", "<td>1</td>", "<td>&lt;i&gt;</td>",
    ]  # fmt: skip
    assert "text-align:right" in html_of("| a |\n|--:|\n| 1 |")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <script src=//x.y/z.js></script> b",
        "<img src=x onerror=alert(1)>",
        "<!-- --><b onclick='x'>",
        "<details open ontoggle=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVa&#115;cript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//x.y)",
        "[x](/etc)",
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,AAAA)",
        "<javascript:alert(1)>",
        '[x](https://x.y/"onmouseover="alert(1))',
        '[x](https://x.y "a\\" onmouseover=alert(1)")',
        "`</code><script>`",
        "```\n</code></pre><script>alert(1)</script>\n```",
        '```x"onclick=alert(1)\n```',
        "| <script> |\n|---|\n| <img src=x onerror=y> |",
        "$</span><script>alert(1)</script>$",
        "$$\n</span><img src=x onerror=y>\n$$",
        "# <svg/onload=alert(1)>",
    ],
)
def test_nothing_in_it_does_anything(text: str) -> None:
    html = str(html_of(text))
    page = Page(html)
    assert [problem for problem in page.problems if " href='https://" not in problem] == []
    assert {tag for tag, *_ in page.structure if not tag.startswith("/")} <= TEXT_TAGS | SHOWN
    links = [value for _, name, value in page.attributes if name == "href"]
    assert all(link.startswith("https://x.y") for link in links)


def test_a_picture_is_not_loaded() -> None:
    html = words(html_of("![a cat](https://x.y/cat.png?who=me)"))
    assert html == '<p><a href="https://x.y/cat.png?who=me">picture: a cat</a></p>'


@pytest.mark.parametrize(
    "formula",
    ["$a_1 + b_2$", "$$x*y*z$$", r"\(a*b*c\)", r"\[ \frac{1}{2} \]", "$x$", "$$\n\\sum_{i=0}^n i\n$$",
     "\\[\nx < y\n\\]"],
)  # fmt: skip
def test_a_formula_is_left_to_mathjax(formula: str) -> None:
    html = words(html_of(f"{formula}"))
    (found,) = re.findall(r'<span class="mathjax_process tex2jax_process">(.*?)</span>', html, re.DOTALL)
    assert found == formula.replace("<", "&lt;")


@pytest.mark.parametrize(
    "text", ["$5 to $10", "costs $5, not $ 6", "a$ b$", r"\$5 and \$6", "`$x$`", "```\n$x$\n```", "US$20 US$30"]
)  # fmt: skip
def test_a_price_is_no_formula(text: str) -> None:
    assert "mathjax_process" not in html_of(text)


@pytest.mark.parametrize(
    "tex", [r"\href{javascript:alert(1)}{x}", r"\def\x{\x\x}\x", r"\require{html}", r"\style{x}{y}"]
)
def test_tex_that_reaches_further_is_shown_as_it_is_written(tex: str) -> None:
    html = html_of(f"${tex}$")
    assert "mathjax_process" not in html
    assert tex in html


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000, "*a " * 20_000, "**a" * 20_000, "`" * 20_001, "<" * 20_000, ">" * 2_000, "_a_" * 10_000,
     "".join("  " * n + "- a\n" for n in range(200)), "[a](" * 10_000, "![" * 10_000, "|a" * 5_000, "$a " * 10_000,
     "\\[" * 10_000, "~~a" * 10_000, "<!--" * 5_000],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    html_of(text)
    assert time.process_time() - start < 2


def test_a_very_long_answer_is_cut_and_says_so() -> None:
    html = html_of("x " * LONGEST)
    assert len(html) < LONGEST + 1000
    assert "100,000 more characters in the file" in html


def test_the_newest_part_begins_with_a_paragraph() -> None:
    assert newest("short") == "short"
    text = "\n\n".join(f"paragraph {number} " + "x" * 500 for number in range(100))
    shown = newest(text)
    assert shown.startswith("…\n\nparagraph ")
    assert text.endswith(shown[3:])
    assert len(shown) <= NEWEST
