"""Vietnamese in the codes of the fonts before Unicode, TCVN3 (.VnTime) and VNI: recognised, and turned into Unicode.

Such text looks wrong in any other font (`B×nh Ph­íc`, `Bình Phöôùc`). It is recognised by its words: turned into Unicode
nearly all of them are Vietnamese syllables, and as they stand few are. Codes: TCVN 5712:1993, third set; VNI for Windows.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from geo.mends import Mend

_TCVN3: Final = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300\u0301\u0309\u0303\u0323"
_TONES: Final = frozenset({_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT})
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS: Final = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE, "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
"""VNI writes a vowel, then one of these for what stands above and below it."""
_VNI_LETTERS: Final = dict(zip("ôöñíìæóòîÔÖÑÍÌÆÓÒÎ", "ơưđíìỉĩịỵƠƯĐÍÌỈĨỊỴ", strict=True))
_VNI: Final = re.compile("([aeouyôö])([ùøûõïâáàåãäêéèúüë])|[ôöñíìæóòî]", re.IGNORECASE)

_ONSET: Final = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|kr|[bcdđghklmnprstvx])?"
_CLOSED: Final = "(?:uyê|iê|yê|uô|ươ|oa|oă|oe|uâ|uê|uy|uơ|[aăâeêioôơuưy])(?:ch|nh|ng|[ckmnpt])"
_OPEN: Final = "(?:iêu|yêu|oai|oao|oay|oeo|uây|uôi|ươi|ươu|uya|uyu|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oa|oe|oi|ôi|ơi|ua|uê|ui|uơ|uy|ưa|ưi|ưu|[aeêioôơuưy])"
_SYLLABLE: Final = re.compile(f"{_ONSET}(?:{_CLOSED}|{_OPEN})")
_BETWEEN_WORDS: Final = re.compile(r"[\x00-@\[-`{-\x7f]+")
_FEWEST_WORDS: Final = 4
"""Different words with letters beyond ASCII; below it a foreign name or two could pass for anything."""
_FEW: Final = 0.5
_MOST: Final = 0.85


def from_tcvn3(text: str) -> str:
    """`B×nh Ph­íc` → `Bình Phước`."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """`Bình Phöôùc` → `Bình Phước`; a mark that stands on no vowel it could have stays as it is."""
    return _VNI.sub(_vni_letter, text)


def _vni_letter(found: re.Match[str]) -> str:
    if found[1] is None:
        return _VNI_LETTERS[found[0]]
    vowel = _VNI_LETTERS.get(found[1], found[1])
    letter = unicodedata.normalize("NFC", vowel + _VNI_MARKS[found[2].lower()])
    return letter if len(letter) == 1 else vowel + _VNI_LETTERS.get(found[2], found[2])


FONTS: Final[Mapping[Mend, Callable[[str], str]]] = MappingProxyType(
    {Mend.TCVN3: from_tcvn3, Mend.VNI: from_vni}
)


def font_of(texts: Iterable[str]) -> Mend | None:
    """The code that texts are in together, None where they are sound, too few to tell, or something else."""
    words = {word for text in texts for word in _BETWEEN_WORDS.split(text) if word and not word.isascii()}
    if len(words) < _FEWEST_WORDS or _sound_share(words, str) > _FEW:
        return None
    shares = {font: _sound_share(words, turned) for font, turned in FONTS.items()}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _MOST else None


def turn_all(font: Mend, texts: Iterable[str]) -> dict[str, str]:
    """The texts of one column → what they are in Unicode; as they are where the column is not in that code."""
    given = list(texts)
    turned = FONTS[font] if font_of(given) is font else str
    return {text: turned(text) for text in given}


def _sound_share(words: Iterable[str], turned: Callable[[str], str]) -> float:
    sound = [_is_syllable(turned(word)) for word in words]
    return sum(sound) / len(sound)


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower())
    tones = sum(part in _TONES for part in parts)
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None
