"""Pictures for image requests: a generated scene with a caption, at the exact pixels asked for."""

from __future__ import annotations

import functools
import io
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from minimax_nb.sandbox.media import places
from minimax_nb.sandbox.media.noise import smoothstep, surface
from minimax_nb.sandbox.media.palette import mood_of
from minimax_nb.sandbox.media.scene import Layer, Scene
from minimax_nb.sandbox.media.words import rng_of

ImageFormat = Literal["JPEG", "PNG"]


def make_image(
    prompt: str,
    *,
    width: int,
    height: int,
    seed: int,
    model: str,
    index: int = 0,
    subject: bytes | None = None,
    style: str | None = None,
    format: ImageFormat = "JPEG",  # noqa: A002 - the word of the field, and of Pillow
) -> bytes:
    """Paint a picture for a prompt.

    Parameters
    ----------
    prompt
        Its words choose place, light, colours and small things in the scene.
    width, height
        Pixels, exact.
    seed, model
        Change the composition, and the grading of the colours.
    index
        Position in a batch; each is another composition of the same mood.
    subject
        An encoded picture to show in a small round inset (a subject reference).
    style
        A style of ``image-01-live``: ``漫画``, ``元气``, ``中世纪`` or ``水彩``; others are left without effect.
    format
        ``"JPEG"`` (quality 88, 4:2:0) or ``"PNG"``.

    Returns
    -------
    bytes
        The encoded file; the same arguments give the same bytes.
    """
    scene = compose(prompt, width=width, height=height, seed=seed, model=model, index=index)
    picture = grade(restyle(scene.canvas, style), model)
    overlays = [caption(picture.size, f"{model} · seed {seed}{f'+{index}' if index else ''} · {prompt}")]
    if subject is not None:
        overlays.append(inset(picture.size, subject))
    for layer in overlays:
        picture.paste(layer.image, (layer.left, layer.top), layer.mask)
    return encode(picture, format)


def compose(prompt: str, *, width: int, height: int, seed: int, model: str, index: int = 0) -> Scene:
    """Paint the layers of a prompt's scene, before grading; see :func:`make_image` for the parameters."""
    mood = mood_of(prompt, seed=seed, model=model)
    return places.build(mood, width, height, (prompt, seed, model, index))


def encode(picture: Image.Image, format: ImageFormat) -> bytes:  # noqa: A002 - see make_image
    """JPEG at quality 88, or PNG at its fastest level."""
    out = io.BytesIO()
    if format == "JPEG":
        picture.save(out, "JPEG", quality=88, subsampling="4:2:0")
    else:
        picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


_GRAIN = 0.025  # share of the noise in the picture


@functools.lru_cache(maxsize=1)
def _grain_tile() -> Image.Image:
    """Grey noise, 256 x 256 px."""
    grey = np.clip(rng_of("grain").normal(128, 50, (256, 256)), 0, 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _grain(width: int, height: int) -> Image.Image:
    """Lay the noise tile over a whole picture: one row of tiles, then rows of rows."""
    tile = _grain_tile()
    row = Image.new("RGB", (width, tile.height))
    for x in range(0, width, tile.width):
        row.paste(tile, (x, 0))
    noise = Image.new("RGB", (width, height))
    for y in range(0, height, row.height):
        noise.paste(row, (0, y))
    return noise


def grade(picture: Image.Image, model: str) -> Image.Image:
    """Give a picture the look of a model: a tone curve for each channel, then a little grain."""
    rng = rng_of("grade", model)
    x = np.arange(256) / 255
    curves: list[int] = []
    contrast = float(rng.uniform(0.05, 0.35)) + 2 * _GRAIN
    for lift in rng.uniform(-0.05, 0.05, 3):
        bent = x + contrast * x * (1 - x) * (x - 0.5) * 2 + lift * x * (1 - x) * 2
        curves += (np.clip(bent, 0, 1) * 255 + 0.5).astype(int).tolist()
    return Image.blend(picture.point(curves), _grain(*picture.size), _GRAIN)


def restyle(picture: Image.Image, style: str | None) -> Image.Image:
    """Give a picture one of the styles of ``image-01-live``; any other name leaves it as it is."""
    if style == "漫画":  # comic: a few flat tones and ink lines
        flat = picture.quantize(12, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGB")
        ink = picture.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda v: 0 if v > 26 else 255)
        return ImageChops.multiply(flat, ink.filter(ImageFilter.BoxBlur(1)).convert("RGB"))
    if style == "元气":  # vivid: light and saturated
        vivid = ImageEnhance.Color(picture).enhance(1.55)
        return vivid.point(lambda v: 255 - int((255 - v) * 0.86))
    if style == "中世纪":  # medieval: the browns and golds of an old panel
        panel = ImageOps.colorize(picture.convert("L"), (38, 22, 14), (246, 222, 164), mid=(152, 96, 48))
        return Image.blend(panel, picture, 0.22)
    if style == "水彩":
        return _watercolour(picture)
    return picture


def _watercolour(picture: Image.Image) -> Image.Image:
    """Pale washes that pool unevenly and leave a rough margin of paper."""
    w, h = picture.size
    soft = picture.resize((w // 4, h // 4), Image.Resampling.BOX).resize((w, h), Image.Resampling.BICUBIC)
    wash = Image.blend(picture, soft, 0.6).point(lambda v: 52 + int(v * 0.8))
    rng = rng_of("paper", w, h)
    pooled = surface(rng, w // 4, h // 4, 9.0 * w / h, 9.0, octaves=4, gain=0.6)
    x = np.minimum(np.arange(w // 4), np.arange(w // 4)[::-1])[None] * 4.0
    y = np.minimum(np.arange(h // 4), np.arange(h // 4)[::-1])[:, None] * 4.0
    margin = min(w, h) * (0.02 + 0.07 * pooled)
    painted = smoothstep(0.0, min(w, h) * 0.012, (np.minimum(x, y) - margin).astype(np.float32))
    cover = painted * (0.74 + 0.32 * np.abs(2 * pooled - 1) + 0.12 * pooled)
    mask = Image.fromarray((np.clip(cover, 0, 1) * 255).astype(np.uint8)).resize(
        (w, h), Image.Resampling.BICUBIC
    )
    return Image.composite(wash, Image.new("RGB", (w, h), (250, 247, 238)), mask)


def inset(size: tuple[int, int], subject: bytes) -> Layer:
    """Crop a subject's picture to a circle with a light rim, for the upper right corner."""
    side = max(24, min(size) // 5)
    rim = max(2, side // 36)
    with Image.open(io.BytesIO(subject)) as source:
        face = ImageOps.fit(source.convert("RGB"), (side, side), centering=(0.5, 0.35))
    disc, inner = _disc(side, 0), _disc(side, rim)
    image = Image.new("RGB", (side, side), (250, 248, 240))
    image.paste(face, (0, 0), inner)
    return Layer(image, disc, size[0] - side - side // 6, side // 6, 0.0)


def _disc(side: int, inside: int) -> Image.Image:
    """Return the mask of a circle ``inside`` px smaller than its square at each side, anti-aliased."""
    fine = Image.new("L", (side * 4, side * 4))
    edge = inside * 4
    ImageDraw.Draw(fine).ellipse((edge, edge, side * 4 - 1 - edge, side * 4 - 1 - edge), fill=255)
    return fine.resize((side, side), Image.Resampling.BOX)


@functools.lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def caption(size: tuple[int, int], text: str) -> Layer:
    """Set a line of small print on a dark strip for the bottom of a picture, shortened to fit.

    Pillow's own font knows Latin only: other letters are dropped rather than shown as boxes.
    """
    points = max(9, round(min(size) * 0.021))
    strip = round(points * 1.9)
    font = _font(points)
    line = "".join(c if " " <= c <= "ÿ" else " " for c in text)
    line = " ".join(line.split()).rstrip("· ")
    room = size[0] - 2 * points
    if font.getlength(line) > room:
        while line and font.getlength(line + "...") > room:
            line = line[:-1]
        line = line.rstrip() + "..."
    letters = Image.new("L", (size[0], strip))
    ImageDraw.Draw(letters).text((points, strip / 2), line, fill=255, font=font, anchor="lm")
    image = Image.new("RGB", letters.size, (8, 10, 16))
    image.paste((226, 226, 222), (0, 0), letters)
    mask = letters.point(lambda v: 140 + v * 115 // 255)  # the strip darkens by 55 %
    return Layer(image, mask, 0, size[1] - strip, 0.0)
