"""A voice picker: search, language, the list, and a sample that is paid once and then comes from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ipywidgets import Button, Dropdown, HBox, Layout, Output, Select, Text, Widget

from minimax_nb.amounts import money
from minimax_nb.catalog import Voice, catalog
from minimax_nb.errors import MiniMaxError
from minimax_nb.kinds import KINDS
from minimax_nb.kinds.base import Request
from minimax_nb.lab.reuse import find
from minimax_nb.render.bundle import media_bundle
from minimax_nb.widgets.board import as_output
from minimax_nb.widgets.fields import INDENT, Changed, Entry
from minimax_nb.widgets.form import Field, Form, Offer

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

ANY = "All languages"
OWN = "Your voices"
FIRST = "English"  #: the language that is listed at first, as the rest of the panel is in it
SHOWN = 200  #: voices in the list at once; a page gets slow beyond, and nobody scrolls so far
#: What a voice says in its sample: a language's own greeting; the same words are paid only once.
SAMPLES = {
    "Arabic": "مرحبا، هكذا يبدو صوتي.",
    "Chinese": "你好，这就是我的声音。",
    "Chinese,Yue": "你好，呢個就係我把聲。",
    "French": "Bonjour, voici ma voix.",
    "German": "Guten Tag, so klingt meine Stimme.",
    "Hindi": "नमस्ते, मेरी आवाज़ ऐसी है।",
    "Italian": "Buongiorno, questa è la mia voce.",
    "Japanese": "こんにちは、これが私の声です。",
    "Korean": "안녕하세요, 이것이 제 목소리입니다.",
    "Portuguese": "Olá, esta é a minha voz.",
    "Russian": "Здравствуйте, вот мой голос.",
    "Spanish": "Hola, esta es mi voz.",
}
SAMPLE = "Hello, this is what I sound like."


def languages() -> tuple[str, ...]:
    """Return the languages that have system voices, in the order of the alphabet."""
    return tuple(sorted({voice.language for voice in catalog().voices()}))


def own_voices(lab: Lab) -> list[str]:
    """Return the ids of the voices the user made, newest first; none when the ledger cannot be read."""
    try:
        return [row.voice_id for row in lab.ledger.voices()]
    except MiniMaxError:
        return []


def matching(text: str, language: str, own: Sequence[str]) -> list[tuple[str, str]]:
    """Return (words, id) of the voices that match a search, the user's own first."""
    words = text.casefold().split()
    mine = [voice for voice in own if all(word in voice.casefold() for word in words)]
    found = [] if language == OWN else catalog().voices(text, None if language == ANY else language)
    rows = [(f"{voice} · yours", voice) for voice in mine if language in (ANY, OWN)]
    return (rows + [(_words(voice, language), voice.id) for voice in found])[:SHOWN]


def _words(voice: Voice, language: str) -> str:
    parts = (voice.name, voice.gender, None if language == voice.language else voice.language)
    return " · ".join(part for part in parts if part)


def sample_request(form: Form, voice: str) -> Request:
    """Return the request for a voice's sample, by the model that the form has chosen."""
    known = {item.id: item.language for item in catalog().voices()}
    text = SAMPLES.get(known.get(voice, ""), SAMPLE)
    return KINDS["speech"].make(text, voice=voice, model=form.values.get("model"))


def sample_price(lab: Lab, form: Form, voice: str) -> str:
    """Return what hearing a voice costs now, in words: ``free`` when the ledger has the sample."""
    request = sample_request(form, voice).resolve(form.provider)
    if lab._connections.uses_sandbox:
        return "free (sandbox)"
    if find(lab, form.provider, request, True) is not None:
        return "free, heard before"
    quote = lab.estimate(request, provider=form.provider)
    return money(quote.amount_nano, quote.currency)


class VoiceEntry(Entry):
    """The voice's id with a list to find it in, and a button to hear it.

    Parameters
    ----------
    field, changed
        As for every entry.
    lab, form
        Where samples are asked for, and by which provider and model.
    do
        Runs a task in a thread of its own: a sample is waited for there.
    """

    wide = True

    def __init__(
        self, field: Field, changed: Changed, lab: Lab, form: Form, do: Callable[[Callable[[], object]], None]
    ) -> None:
        self._lab = lab
        self._form = form
        self._do = do
        self._own = own_voices(lab)
        self._busy = False
        super().__init__(field, changed)

    def widgets(self) -> Sequence[Widget]:
        """Make the id's line, the search, the list, and the button."""
        grow = Layout(flex="1 1 0", min_width="0", width="auto")
        self._id = Text(**self._named(placeholder="Pick one below, or write an id"))
        self._search = Text(
            **self._named(description="Find a voice", placeholder="Words of the name: warm lady", layout=grow)
        )
        self._language = Dropdown(
            options=(ANY, *((OWN,) if self._own else ()), *languages()), value=FIRST, tooltip="Language of the voices",
            description="Language", style={"description_width": "66px"}, layout=Layout(width="230px", flex="0 1 auto"),
        )  # fmt: skip
        self._list = Select(
            **self._named(description="Voices", layout=Layout(width="auto", height="132px")),
            rows=6,
            options=matching("", FIRST, self._own),
            value=None,
        )
        self._hear = Button(
            description="Hear it", disabled=True,
            layout=Layout(width="auto", min_width="120px", align_self="flex-start", margin=f"2px 0 4px {INDENT}"),
            tooltip="Make a short sample of the voice and play it",
        )  # fmt: skip
        self._sound = Output(layout=Layout(margin=f"0 0 4px {INDENT}"))
        self._search.observe(self._look, names="value")
        self._language.observe(self._look, names="value")
        self._list.observe(self._picked, names="value")
        self._id.observe(self._named_one, names="value")
        self._hear.on_click(self._asked)
        return (
            self._id,
            HBox((self._search, self._language), layout=Layout(flex_flow="row wrap")),
            self._list,
            self._hear,
            self._sound,
        )

    def fit(self, offer: Offer) -> None:
        """Another model has another price."""
        self.reprice()

    def reprice(self) -> None:
        """Write the price of a sample on the button."""
        voice = self._id.value.strip()
        if not voice:
            label, off = "Hear it", True
        else:
            try:
                label, off = f"Hear it: {sample_price(self._lab, self._form, voice)}", self._busy
            except MiniMaxError:
                label, off = "Hear it", True
        if (self._hear.description, self._hear.disabled) != (label, off):
            self._hear.description, self._hear.disabled = label, off

    def _look(self, _: Any) -> None:
        found = matching(self._search.value, self._language.value, self._own)
        self._quiet = True
        try:
            self._list.options = found
            ids = [voice for _, voice in found]
            self._list.value = self._id.value if self._id.value in ids else None
        finally:
            self._quiet = False

    def _picked(self, change: Any) -> None:
        if not self._quiet and change["new"] is not None:
            self._id.value = change["new"]

    def _named_one(self, change: Any) -> None:
        self.reprice()
        self.tell(change["new"].strip() or None)

    def _asked(self, _: Any) -> None:
        voice = self._id.value.strip()
        if not voice or self._busy:
            return
        self._busy = self._hear.disabled = True
        self._do(lambda: self._play(voice))

    def _play(self, voice: str) -> None:
        """Ask for the sample, or take it from the ledger, and show its player."""
        try:
            request = sample_request(self._form, voice)
            job = self._lab.submit(
                request, provider=self._form.provider, reuse=True, approved=True, tags={"sample": "voice"}
            )
            bundle: dict[str, str] = media_bundle(job.result(60).only())
            self.say([], wrong=False)
        except (MiniMaxError, TimeoutError) as error:
            self.say([str(error)], wrong=True)
            bundle = {}
        finally:
            self._busy = False
        self._sound.outputs = (as_output(bundle),) if bundle else ()
        self.reprice()
