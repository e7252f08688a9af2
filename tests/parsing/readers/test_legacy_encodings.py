"""Text from before Unicode: letters of each language come out in each of the encodings it was written in."""

import random

import pytest

from pipeline.parsing.readers.legacy_encodings import guess

GERMAN = "Sehr geehrte Frau Müller,\r\nfür die Kündigung der Räume gilt eine Frist. Schöne Grüße, Jürgen Weiß\r\n"
FRENCH = "Madame, nous avons bien reçu votre courrier du 3 février. Les clés seront remises au gérant à la date prévue."
SPANISH = "Estimado señor Núñez: la dirección de la compañía cambió el año pasado. ¿Podría usted confirmar la reunión?"
PORTUGUESE = "Não recebemos a informação sobre a situação da conta. A reunião será amanhã, às dez horas, em São Paulo."
ITALIAN = "La informiamo che il contratto è scaduto perché non è stato rinnovato. Così potrà però accettare. Niccolò"
SWEDISH = "Hej Åsa, detta är ett kort brev om hyran för lägenheten på Östra gatan. Betala före den första."
DANISH = "Kære hr. Sørensen, lejekontrakten udløber ved månedens udgang. Nøglerne bedes afleveret. Hilsen Åse"
ICELANDIC = "Góðan dag. Það er mér ánægja að tilkynna þér að samningurinn hefur verið endurnýjaður. Þökk fyrir, Þórður"
POLISH = "W załączeniu przesyłam umowę najmu lokalu w Łodzi przy ulicy Źródlanej. Proszę o szybką odpowiedź. Józef Żak"
CZECH = "Vážený pane Dvořáku, nájemní smlouva končí posledního března příštího roku. Děkujeme. Jiří Šťastný"
HUNGARIAN = "Örömmel értesítjük, hogy a bérleti szerződés meghosszabbítása megtörtént. Üdvözlettel: Győző Őszi"
ROMANIAN = "Vă anunţăm că perioada contractului de închiriere se încheie la sfârşitul lunii. Ştefan Ionaşcu"
CROATIAN = (
    "Poštovani, obavještavamo Vas da ugovor istječe. Molimo predajte ključeve. Želimo uspješnu godinu. Đurđa Čović"
)
RUSSIAN = "Уважаемый Иван Петрович! Просим освободить помещение до конца месяца и передать ключи. Сергей Ёлкин"
UKRAINIAN = "Повідомляємо Вас про закінчення строку дії договору оренди. Щиро Ваш, Євген Їжакевич"
GREEK = "Αξιότιμε κύριε Παπαδόπουλε, σας ενημερώνουμε ότι η σύμβαση λήγει. Με εκτίμηση, Γιώργος Νικολάου"
TURKISH = "Sayın Yılmaz, kira sözleşmesinin süresi ay sonunda dolmaktadır. Teşekkür ederiz. Ayşe Öztürk, İstanbul"
HEBREW = "לכבוד מר כהן, הרינו להודיעך כי חוזה השכירות מסתיים בסוף החודש. בכבוד רב, דוד לוי"
ARABIC = "السيد المحترم، نعلمكم بأن عقد الإيجار ينتهي في نهاية الشهر. مع خالص التقدير"
THAI = "เรียน คุณสมชาย สัญญาเช่าจะสิ้นสุดในสิ้นเดือนนี้ กรุณาส่งมอบกุญแจให้กับผู้จัดการอาคาร"
LITHUANIAN = "Gerbiamas pone, pranešame, kad nuomos sutartis baigiasi mėnesio pabaigoje. Žygimantas Šimkus, Ąžuolų g."
LATVIAN = "Cienījamais Bērziņa kungs! Paziņojam, ka īres līgums beidzas mēneša beigās. Jānis Kļaviņš"
JAPANESE = "賃貸借契約は今月末をもって終了いたします。鍵は管理人にお渡しください。株式会社サンプル 山田太郎"
CHINESE = "兹通知您，租赁合同将于本月底到期。请将钥匙交给物业管理人员，并结清所有费用。"
TRADITIONAL = "茲通知您，租賃合約將於本月底到期。請將鑰匙交給物業管理人員，並結清所有費用。"
KOREAN = "임대차 계약이 이번 달 말에 종료됨을 알려 드립니다. 열쇠를 관리인에게 전달해 주시기 바랍니다."
WESTERN, CENTRAL = ("cp1252", "iso8859-1", "cp850"), ("cp1250", "iso8859-2", "cp852")
CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
TEXTS = [
    *((text, (*WESTERN, "mac-roman")) for text in (GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, SWEDISH, DANISH)),
    (ICELANDIC, ("cp1252", "iso8859-1")),
    *((text, CENTRAL) for text in (POLISH, CZECH, HUNGARIAN, ROMANIAN, CROATIAN)),
    (RUSSIAN, CYRILLIC),
    (UKRAINIAN, ("cp1251", "koi8-u")),
    (GREEK, ("cp1253", "iso8859-7")),
    (TURKISH, ("cp1254", "iso8859-9")),
    (HEBREW, ("cp1255", "iso8859-8", "cp862")),
    (ARABIC, ("cp1256", "iso8859-6")),
    (THAI, ("cp874", "tis-620")),
    (LITHUANIAN, ("cp1257",)),
    (LATVIAN, ("cp1257", "iso8859-13")),
    (JAPANESE, ("cp932", "shift_jis", "euc_jp")),
    (CHINESE, ("gb2312", "gbk", "gb18030")),
    (TRADITIONAL, ("big5", "cp950")),
    (KOREAN, ("euc_kr", "cp949")),
]


def read(content: bytes) -> str:
    return content.decode(guess(content) or "ascii", "replace")


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, encoding) for text, encodings in TEXTS for encoding in encodings]
)
def test_a_letter_comes_out_as_it_was_written(text: str, encoding: str) -> None:
    content = text.encode(encoding, "ignore")
    assert read(content) == content.decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße aus München", "cp1252"),
        ("c'est été à la française", "cp1252"),
        ("This agreement is made between the company and Mr. Müller of Hamburg.", "cp1252"),
        ("Plain English text with one é only.", "cp1252"),
        ("Preis: 100 € inkl. MwSt.", "cp1252"),
        ("Pages 3 – 5 of the “manual”", "cp1252"),
        ("Договор аренды № 5 от 3 марта", "cp1251"),
        ("ДОГОВОР АРЕНДЫ НЕЖИЛОГО ПОМЕЩЕНИЯ", "koi8-r"),
        ("契約書の写しを送ります。", "cp932"),
        ("本合同自签字之日起生效。", "gbk"),
        ("本合約自簽字之日起生效。", "big5"),
    ],
)
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == text


def test_of_a_long_text_the_characters_that_are_rare_decide() -> None:
    assert read(b"word " * 200_000 + "Straße".encode("cp1252")).endswith("Straße")


def test_what_is_no_text_in_any_of_them_is_not_guessed() -> None:
    assert guess(bytes(byte | 0x80 for byte in random.Random(1).randbytes(500))) is None
