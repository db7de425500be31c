"""Real media, made on the spot: pictures, clips, speech and songs that a program can decode and a person enjoy.

Every maker is a pure function: the same arguments give the same bytes. They run in the sandbox server's
process only; nothing else of the package needs numpy, av, lameenc or espeak-ng.
"""

from minimax_nb.sandbox.media.audio import AudioFormat, encode_audio, mime_of
from minimax_nb.sandbox.media.image import ImageFormat, make_image
from minimax_nb.sandbox.media.music import MusicClip, make_music
from minimax_nb.sandbox.media.speech import SpeechClip, SpokenWord, make_speech, speak
from minimax_nb.sandbox.media.video import make_video

__all__ = [
    "AudioFormat",
    "ImageFormat",
    "MusicClip",
    "SpeechClip",
    "SpokenWord",
    "encode_audio",
    "make_image",
    "make_music",
    "make_speech",
    "make_video",
    "mime_of",
    "speak",
]
