"""What looks wrong with a page's text, in whatever language; what looks right bears no sign."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.text_quality import Sign, agreement, assess, better
from tests.parsing.support import CAREFUL

ENGLISH = (
    "The tenant, Ms Okafor-Lind, may end this agreement with three months' notice in writing. A deposit of 2,400 "
    "euros is due before the keys are handed over; it bears interest and is paid back within ninety days of the end. "
    "Repairs below eighty euros are the tenant's own (see § 7), all others the landlord's: heating, windows, pipes."
)
CLEAN = {
    "English": ENGLISH,
    "German": (
        "Die Grundstücksgenehmigung lag am 3. Mai vor. Die Käuferin, Frau Dr. Ohlsen-Brandt, zahlt den Preis binnen "
        "vier Wochen; die Rechtsschutzkasse der Verkäuferin haftet für die Anwaltskosten nicht."
    ),
    "Finnish": (
        "Vuokrasopimuksen irtisanomisaika on kolme kuukautta. Vuokralainen vastaa huoneistossa aiheuttamistaan "
        "vahingoista, ja lämmityskustannukset sisältyvät vuokraan. Avaimet palautetaan viimeistään heinäkuussa."
    ),
    "French": (
        "L'avenant n'a été signé qu'à la fin du mois d'août : la société s'engage à livrer cinq mille pièces. Y a-t-il "
        "lieu d'en aviser l'assureur ? Oui, s'il y a retard. À défaut, une pénalité de 2 % est due par semaine."
    ),
    "Czech": (
        "Smlouva se uzavírá na dobu určitou. Čtvrt roku před jejím koncem podá kupující zprávu o stavu strojů a o "
        "škodách, k nimž došlo. V ceně je i doprava z Brna. Prst, krk a vlk jsou slova bez samohlásek."
    ),
    "Russian": (
        "Договор заключён на два года. В случае просрочки платежа арендатор уплачивает пеню, а в остальном действует "
        "закон. К договору приложен план помещения с указанием входов и окон. О ремонте сообщают письменно."
    ),
    "Greek": "Η σύμβαση λήγει στις 30 Ιουνίου. Ο μισθωτής πληρώνει το νερό και το ρεύμα, ο ιδιοκτήτης όχι.",
    "Hindi": "यह समझौता दो वर्ष के लिए है। किरायेदार हर महीने की पाँच तारीख तक किराया देगा और मरम्मत की सूचना लिखित में देगा।",
    "Korean": "이 계약은 두 해 동안 유효하다. 임차인은 매달 5일까지 임대료를 낸다. PDF는 Okafor에서 만든 것이다.",
    "Japanese": "この契約は二年間有効です。借主は毎月五日までに家賃を支払います。修理は書面で知らせます。",
    "Thai": "สัญญานี้มีผลสองปี ผู้เช่าชำระค่าเช่าภายในวันที่ห้าของทุกเดือน และแจ้งซ่อมเป็นหนังสือ",
    "a table": "Item\tUnits\tPrice\nValve M12\t40\t3.20\nGasket 8x2\t120\t0.15\nTotal\t\t146.00\nVAT 19 %\t\t27.74\n",
    "ligatures": "The ﬁrst oﬀer was ﬁled in the oﬃce; its ﬁnal ﬁgures diﬀer from those in the conﬁrmed ﬂyer.",
    "addresses": "Write to post@okafor-lind.example or see www.okafor-lind.example/index.html, files a.txt and b.csv.",
    "nothing": "",
}
ARABIC = "ينتهي العقد في نهاية شهر يونيو. يدفع المستأجر الإيجار قبل اليوم الخامس من كل شهر، ويتحمل المالك الإصلاحات."


def shifted(text: str, by: int) -> str:
    """Each letter as another: what a font shows whose codes nobody translates."""
    return re.sub("[A-Za-z]", lambda m: chr((ord(m[0].lower()) - 97 + by) % 26 + 97), text)


DAMAGED = {
    Sign.GLUED: ENGLISH.replace(" ", ""),
    Sign.JOINED: re.sub(r" (\w)", lambda m: m[1].upper() if m.start() % 3 == 0 else m[0], ENGLISH),
    Sign.UNPAUSED: re.sub(r"([.,;:]) ", r"\1", ENGLISH),
    Sign.SPACED: re.sub(r"(\w)", r"\1 ", ENGLISH),
    Sign.UNKNOWN: ENGLISH.replace("e", "\ue065"),
    Sign.MIXED: ENGLISH.replace("e", "Ж").replace("n", "Ω"),
    Sign.VOICELESS: shifted(ENGLISH, 3),
    Sign.MOJIBAKE: CLEAN["French"].encode("utf-8").decode("cp1252", "replace").replace("\ufffd", ""),
    Sign.LEFTWARD: ARABIC,
}


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN.keys())
def test_what_looks_right_bears_no_sign(text: str) -> None:
    quality = assess(text)
    assert quality.signs == frozenset()
    assert not quality.suspicious
    assert not quality.unreadable
    assert quality.score > 0.85


@pytest.mark.parametrize(("sign", "text"), DAMAGED.items(), ids=DAMAGED.keys())
def test_what_looks_wrong_bears_the_sign_of_it(sign: Sign, text: str) -> None:
    assert sign in assess(text).signs
    assert assess(text).suspicious


def test_each_sign_has_its_example() -> None:
    assert set(DAMAGED) == set(Sign)


def test_one_glued_line_among_many_is_seen() -> None:
    lines = [ENGLISH] * 5
    lines[3] = "themonthinwhichthisnoticeisreceivedbytheotherparty"
    assert assess("\n".join(lines)).signs == {Sign.GLUED}


@pytest.mark.parametrize(
    "names",
    ["/g12/g7/g33/g4", "/C0/C1/C2/C200", "/gid00012/gid00007", "\x03\x11\x04\x1b", "\ue001\ue002\ue017", "�����"],
)
def test_text_that_is_next_to_not_decoded_is_unreadable(names: str) -> None:
    assert assess(names).unreadable
    assert assess(f"page 3 {names}").unreadable
    assert not assess(f"{ENGLISH} {names[:8]}").unreadable


def test_the_score_is_the_share_of_letters_in_plausible_words() -> None:
    assert assess("twelve pipes").score == 1.0
    assert assess(f"twelve {'x' * 33}").score == 6 / 39
    assert assess("a b c d").score == 0.0


def test_vocabulary_counts_each_word_once_and_only_plausible_ones() -> None:
    assert assess("two keys").vocabulary == assess("two keys two keys keys").vocabulary == 7
    assert assess(f"two {'q' * 40} keys").vocabulary == 7
    assert assess("鍵と鍵").vocabulary == 2


def test_a_reading_is_better_when_only_the_other_looks_wrong_or_lost_a_part() -> None:
    right, glued, half = assess(ENGLISH), assess(DAMAGED[Sign.GLUED]), assess(ENGLISH[: len(ENGLISH) // 3])
    assert better(right, glued)
    assert not better(glued, right)
    assert better(right, half)
    assert not better(half, right)
    assert not better(right, right)


def test_the_same_text_twice_is_not_better_than_once() -> None:
    once, twice = assess(ENGLISH), assess(f"{ENGLISH}\n{ENGLISH}\n{ENGLISH}")
    assert not better(twice, once)
    assert not better(once, twice)


def test_readings_agree_in_words_whatever_their_order_and_their_ligatures() -> None:
    assert agreement("the final\noffer, here", "here: the ﬁnal oﬀer") == 1.0
    assert agreement("the final offer", "thefinaloffer") == 0.0
    assert agreement("one two three four", "one two three five") == 0.75
    assert agreement("", " \n") == 1.0
    assert agreement("", "word") == 0.0
    assert agreement("鍵を返す", "鍵を返した") == pytest.approx(3 / 5)


@CAREFUL
@given(st.text(max_size=400))
def test_any_text_has_a_quality(text: str) -> None:
    quality = assess(text)
    assert 0.0 <= quality.score <= 1.0
    assert 0 <= quality.vocabulary <= quality.letters <= len(text)
    assert assess(text) == quality
    assert agreement(text, text) == 1.0
    assert not better(quality, quality)


@pytest.mark.parametrize("piece", ["x", "aB", "a.", "é", "/g1", "Ã\x80", "ب", "a\u0301", "ab "])
def test_a_text_of_any_length_is_looked_at_in_little_time(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))
    begun = time.process_time()
    assess(text)
    assert time.process_time() - begun < 0.5
