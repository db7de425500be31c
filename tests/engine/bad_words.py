"""Bad requests of :mod:`tests.engine.bad_inputs`: what is spoken, sung, heard and written."""

from __future__ import annotations

from typing import Any

from tests.engine.bad_inputs import SONG, URL, Case, heard, sound_of, zip_of

_FOX: dict[str, Any] = {"prompt": "A fox"}
_SAY: dict[str, Any] = {"text": "Hello there"}
_CLONE: dict[str, Any] = {"audio": SONG, "voice_id": "warm-voice01"}
_DESIGN: dict[str, Any] = {"prompt": "A warm narrator", "preview": "Hello."}
_COVER: dict[str, Any] = {"prompt": "A calm piano song", "model": "music-cover"}
_ROLE: dict[str, Any] = {"prompt": "Hello", "model": "M2-her"}
_BIDI: dict[str, Any] = {"text": "Hello there", "transport": "bidi"}

CASES: list[Case] = [
    # speech
    Case("speech", "--text is missing (write it below the first line)"),
    Case("speech", "--text-file is given and so is a text; use one", {**_SAY, "text_file": b"Hello"}),
    Case("speech", "--text <#100#>: a pause is <#x#> with x from 0.01 to 99.99 s", {"text": "a <#100#> b"}),
    Case(
        "speech", "--text <#1#>: at the edge of the text; a pause stands between words", {"text": "a <#1#>"}
    ),
    Case("speech", "--text <#1#>: two pauses in a row", {"text": "a <#1#><#1#> b"}),
    Case("speech", "--pronunciation omg: WORD/READING", {**_SAY, "pronunciation": ["omg"]}),
    Case("speech", "--mix Grinch: VOICE:WEIGHT,VOICE:WEIGHT", {**_SAY, "mix": "Grinch"}),
    Case("speech", "the weight of Grinch must be a whole number from 1 to 100", {**_SAY, "mix": "Grinch:0"}),
    Case("speech", "names a voice twice", {**_SAY, "mix": "Grinch:50,Grinch:50"}),
    Case("speech", "--mix and --voice exclude each other", {**_SAY, "mix": "Grinch:50", "voice": "Grinch"}),
    Case("speech", "5 voices; at most 4", {**_SAY, "mix": "a:1,b:1,c:1,d:1,e:1"}),
    Case(
        "speech",
        "--language-boost English: --latex reads formulas in Chinese only",
        {
            **_SAY,
            "latex": True,
            "language_boost": "English",
        },
    ),
    Case(
        "speech",
        "--transport websocket always streams; leave --no-stream out",
        {
            **_SAY,
            "transport": "websocket",
            "stream": False,
        },
    ),
    Case(
        "speech", "--subtitle-type word_streaming needs --stream", {**_SAY, "subtitle_type": "word_streaming"}
    ),
    Case("speech", "--force-cbr is for streamed mp3; add --stream", {**_SAY, "force_cbr": True}),
    Case("speech", "--output url: a stream comes as hex", {**_SAY, "stream": True, "output": "url"}),
    Case("speech", "--aigc-watermark is not for streams", {**_SAY, "stream": True, "aigc_watermark": True}),
    Case("speech", "--stream and --long exclude each other", {**_SAY, "stream": True, "long": True}),
    Case("speech", "--stream and --text-file exclude each other", {"text_file": b"Hello", "stream": True}),
    Case("speech", "--continuous-sound is for --transport websocket", {**_SAY, "continuous_sound": True}),
    Case(
        "speech",
        "--continuous-sound true: speech-2.6-hd has no such option; speech-2.8-hd",
        {
            **_SAY,
            "continuous_sound": True,
            "transport": "websocket",
            "model": "speech-2.6-hd",
        },
    ),
    Case("speech", "--max-characters is for --transport bidi", {**_SAY, "max_characters": 100}),
    Case("speech", "--format flac: mp3, pcm or pcmu_raw with --transport bidi", {**_BIDI, "format": "flac"}),
    Case(
        "speech", "--subtitle-type word: sentence with --transport bidi", {**_BIDI, "subtitle_type": "word"}
    ),
    Case("speech", "--text: 11 characters; at most 10 (--max-characters)", {**_BIDI, "max_characters": 10}),
    Case(
        "speech",
        "--bitrate: --wire t2a_input has no place for it",
        {**_SAY, "wire": "t2a_input", "bitrate": 64000},
    ),
    Case(
        "speech",
        "--format opus: mp3, wav, pcm or flac with --wire t2a_input",
        {
            **_SAY,
            "wire": "t2a_input",
            "format": "opus",
        },
    ),
    Case(
        "speech",
        "--format wav: mp3, pcm, flac, pcmu_raw, pcmu_wav or opus with --stream",
        {
            **_SAY,
            "stream": True,
            "format": "wav",
        },
    ),
    Case(
        "speech",
        "--format opus: mp3, wav or flac with --modify-pitch",
        {
            **_SAY,
            "format": "opus",
            "modify_pitch": 5,
        },
    ),
    Case(
        "speech",
        "--text: 10,001 characters; at most 10,000 for speech-2.8-hd; without --stream",
        {
            "text": "a" * 10_001,
            "stream": True,
        },
    ),
    Case(
        "speech",
        "--text-file https://example.com/a.txt: a file on this machine; fetch it first",
        {
            "text_file": "https://example.com/a.txt",
        },
    ),
    Case("speech", "--text-file bytes: must be UTF-8 text in a txt file", {"text_file": b"\xff\xfe\x00"}),
    Case(
        "speech",
        "--text-file bytes: a zip must hold txt files or JSON files",
        {"text_file": zip_of("a.doc", b"")},
    ),
    Case(
        "speech",
        "--text-file bytes: a JSON file in the zip must be an object",
        {
            "text_file": zip_of("a.json", b"[]"),
        },
    ),
    Case(
        "speech",
        "--text-file bytes: a JSON file in the zip must be an object",
        {
            "text_file": zip_of("a.json", b"{"),
        },
    ),
    Case("speech", "--text-file bytes: a zip that cannot be read", {"text_file": b"PK\x03\x04" + b"\0" * 40}),
    Case(
        "speech",
        "--text-file bytes: a zip with more than any text may have",
        {
            "text_file": lambda: zip_of("a.txt", b" " * (8 * 2**20 + 1))(),
        },
    ),
    Case(
        "speech",
        "1,000,001 characters; at most 1,000,000 for speech-2.8-hd",
        {
            "text_file": b"a" * 1_000_001,
        },
    ),
    Case("speech", "--text-file bytes: holds no text", {"text_file": b"  \n"}),
    # music
    Case("music", "--prompt and --lyrics are missing"),
    Case("music", "--output url: a stream comes as hex", {**_FOX, "stream": True, "output": "url"}),
    Case(
        "music",
        "--reference-audio and --cover-feature-id: give one of them",
        {
            **_COVER,
            "reference_audio": SONG,
            "cover_feature_id": "1",
            "lyrics": "[Verse]\nA quiet light",
        },
    ),
    Case("music", "--lyrics is missing: --cover-feature-id needs it", {**_COVER, "cover_feature_id": "1"}),
    Case(
        "music",
        "--prompt is missing (write it below the first line): music-cover needs it",
        {
            "model": "music-cover",
            "reference_audio": SONG,
        },
    ),
    Case(
        "music",
        "--prompt is missing (write it below the first line): --instrumental needs it",
        {
            "instrumental": True,
        },
    ),
    Case(
        "music",
        "--instrumental true: music-2.0 makes no instrumental",
        {
            **_FOX,
            "model": "music-2.0",
            "instrumental": True,
        },
    ),
    Case("music", "--lyrics is missing: a song needs it, or --lyrics-optimizer", {**_FOX}),
    Case(
        "music",
        "--lyrics: 3 characters; at least 10 for music-cover",
        {
            **_COVER,
            "reference_audio": SONG,
            "lyrics": "abc",
        },
    ),
    Case(
        "music", "--reference-audio bytes: 3 s long; 6 to 360 s", {**_COVER, "reference_audio": sound_of(3)}
    ),
    Case(
        "music",
        "--prompt is missing (write it below the first line): music-2.6 needs it",
        {
            "lyrics": "[Verse]\nA quiet light upon the sea",
        },
        "pixazo",
    ),
    Case("lyrics", "--prompt is missing (write it below the first line), or give --lyrics to edit"),
    Case("cover-preprocess", "--audio bytes: 3 s long; 6 to 360 s", {"audio": sound_of(3)}),
    # voices
    Case(
        "voice-clone",
        "--prompt-text without --prompt-audio: give both or none",
        {
            **_CLONE,
            "prompt_text": "Hello.",
        },
    ),
    Case(
        "voice-clone",
        "--prompt-text Hello: must end with punctuation",
        {
            **_CLONE,
            "prompt_text": "Hello",
            "prompt_audio": SONG,
        },
    ),
    Case(
        "voice-clone",
        "--voice-prefix ab: at least 6 of A-Z, a-z and 0-9; a letter first",
        {
            "audio": SONG,
            "voice_prefix": "ab",
        },
        "apixo",
    ),
    Case(
        "voice-clone",
        "--audio bytes: a URL with --wire clone_url",
        {
            "audio": sound_of(12),
            "voice_id": "warm-voice01",
            "wire": "clone_url",
        },
    ),
    Case(
        "voice-clone",
        "--accuracy: --wire clone_url has no place for it",
        {
            **_CLONE,
            "wire": "clone_url",
            "accuracy": 0.5,
        },
    ),
    Case("voice-clone", "--audio bytes: 3 s long; 10 to 300 s", {**_CLONE, "audio": sound_of(3)}),
    Case("voice-clone", "--audio bytes: of no known type; mp3, m4a or wav", {**_CLONE, "audio": b"no sound"}),
    Case(
        "voice-clone",
        "--audio bytes: 20.18 MB; at most 20 MB",
        {
            **_CLONE,
            "audio": lambda: heard(12) + b"\0" * (20 * 2**20),
        },
    ),
    Case(
        "voice-clone",
        "--prompt-audio bytes: 9 s long; less than 8 s",
        {
            **_CLONE,
            "prompt_audio": sound_of(9),
            "prompt_text": "Hello.",
        },
    ),
    Case(
        "voice-clone",
        "--text-validation: 201 characters; at most 200",
        {**_CLONE, "text_validation": "a" * 201},
    ),
    Case("voice-clone", "--voice-id 1-a: ", {"audio": SONG, "voice_id": "1-a"}),
    Case("voice-clone", "--voice-id is missing: choose the new voice's id", {"audio": SONG}),
    Case("voice-clone", "--voice-id: APIXO makes the voice id itself", {**_CLONE}, "apixo"),
    Case("voice-clone", "--voice-prefix is missing", {"audio": SONG}, "apixo"),
    Case(
        "voice-clone",
        "--audio 'bytes': APIXO fetches the recording itself; a local file cannot be sent",
        {
            "audio": sound_of(12),
            "voice_prefix": "warmvoice",
        },
        "apixo",
    ),
    Case("voice-clone", "pixazo has no voice-clone", {**_CLONE}, "pixazo"),
    Case("voice-design", "--voice-prefix ab: at least 6", {**_DESIGN, "voice_prefix": "ab"}, "apixo"),
    Case(
        "voice-design",
        "--voice-id: Pixazo has no such option for voice-design",
        {
            **_DESIGN,
            "voice_id": "warm-voice01",
        },
        "pixazo",
    ),
    Case("video", "--prompt is missing: Pixazo needs it", {"first_frame": URL}, "pixazo"),
    Case(
        "video",
        "MiniMax-Hailuo-2.3 needs it (APIXO docs, models/video/hailuo-2-3",
        {"first_frame": URL},
        "apixo",
    ),
    # words
    Case(
        "transcribe",
        "--language 'plain English': a language tag",
        {"audio": SONG, "language": "plain English"},
    ),
    Case(
        "transcribe",
        "--format srt: captions come whole; leave --stream out",
        {
            "audio": SONG,
            "format": "srt",
            "stream": True,
        },
    ),
    Case("transcribe", "--audio bytes: of no known type; ", {"audio": b"no sound"}),
    Case("chat", "--thread a/b: a name of at most 64 letters", {"prompt": "Hello", "thread": "a/b"}),
    Case("chat", "--new-thread: say which, with --thread NAME", {"prompt": "Hello", "new_thread": True}),
    Case(
        "chat",
        "--history: 1 texts; what you said and the answer come in pairs",
        {
            "prompt": "Hello",
            "history": ["Hi"],
        },
    ),
    Case(
        "chat",
        "--earlier-image: each needs its turn in --earlier-turn",
        {"prompt": "Hello", "earlier_image": URL},
    ),
    Case(
        "chat",
        "--thinking disabled: MiniMax-M2.7 always thinks; ",
        {
            "prompt": "Hello",
            "model": "MiniMax-M2.7",
            "thinking": "disabled",
        },
    ),
    Case(
        "chat",
        "--image https://example.com/a.jpg: MiniMax-M2.7 takes no pictures; ",
        {
            "prompt": "Hello",
            "model": "MiniMax-M2.7",
            "image": URL,
        },
    ),
    Case("chat", "--image bytes: of no known type; ", {"prompt": "Hello", "image": b"no picture"}),
    Case(
        "chat", "--api openai: M2-her has an interface of its own; leave it out", {**_ROLE, "api": "openai"}
    ),
    Case(
        "chat", "--thinking adaptive: M2-her does not think; leave it out", {**_ROLE, "thinking": "adaptive"}
    ),
    Case("chat", "--temperature 0: more than 0, at most 1 for M2-her", {**_ROLE, "temperature": 0}),
    Case("chat", "--top-p 0: more than 0, at most 1 for M2-her", {**_ROLE, "top_p": 0}),
    Case("describe", "--image bytes: cannot be read as an image", {"image": b"no picture"}),
]
