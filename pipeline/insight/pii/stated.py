"""Numbers that a text itself says are somebody's: "passport no. X12345678". What they are called decides, no check.

A number in a document may be misspelt, made up or of a country whose rules are not known here: a person is told apart
by it all the same, so what a text calls a passport number is one.
"""

import re

from pipeline.insight.pii.detector import Detector
from pipeline.personal import PersonalKind

# What may stand between the name of a number and the number.
_NOUN = (
    r"(?:[ _-]?(?:numbers?|num|no\.?|nr\.?|n[°ºo]\.?|id|identification|identifier|code|card|details|account|"
    r"number|nummer))"
)
_LINK = r"(?:[ \t]*(?:is|was|are|like|ending with|ending in|ist|lautet|est|es|è|:|=|-|–|\(|,)){0,2}"
_VALUE = (
    r"(?P<value>[#*]?(?=[A-Z*]{0,12}[-_]?[A-Z*]{0,12}[0-9*])[A-Z0-9*]{1,24}(?:[-_./ ](?=[A-Z*]{0,8}[0-9*])"
    r"[A-Z0-9*]{1,16}){0,8}"
    r"(?:[-/][A-Z]{1,5}(?![A-Za-z]))?)"
)
_END = r"(?![A-Za-z0-9]|[.,][0-9])"
_MIN_DIGITS = 3  # stars that hide digits count


def _stated(
    name: str, kind: PersonalKind, *keywords: str, nouns: str = "{0,3}", min_digits: int = _MIN_DIGITS
) -> Detector:
    """`nouns` is how many words such as "number" must stand between a keyword and the number."""
    called = "|".join(keywords)
    return Detector(
        name,
        kind,
        re.compile(
            rf"(?<![^\W\d_])(?i:(?:{called})(?:['’]s)?{_NOUN}{nouns}{_LINK}[ \t]*(?:\n[ \t]*)?['\"“‘(]?){_VALUE}{_END}"
        ),
        lambda text: sum(c.isdigit() or c == "*" for c in text) >= min_digits and 4 <= len(text) <= 34,
        in_context=0.85,
    )


DETECTORS = (
    _stated("stated_passport", PersonalKind.PASSPORT,
            "passports?", "reisepass", "passeport", "pasaporte", "passaporto", "paspoort", "passaporte", "paszport"),
    _stated("stated_licence", PersonalKind.DRIVING_LICENCE,
            r"driv(?:er|ing)(?:['’]?s)?[ -]licen[cs]es?(?: for [^\W\d_]+(?: [^\W\d_]+){0,2})?", "führerschein",
            "permis de conduire",
            r"dl[ -]?(?:no|number)", "permiso de conducir", "patente di guida", "rijbewijs", "carta de condução"),
    _stated("stated_tax_id", PersonalKind.TAX_ID,
            r"(?:federal )?tax(?:payer)?[ -]?id(?:entification)?", "tin", "itin", "ein", "pan",
            "vat(?: reg(?:istration)?)?",
            "steuer-?id(?:entifikationsnummer)?", "steuernummer", "ust-?id(?:nr)?", "numéro fiscal", "partita iva",
            "codice fiscale", "nif", "nie", "cif", "utr", "nip", "abn", "cpf", "cnpj"),
    _stated("stated_national_id", PersonalKind.NATIONAL_ID,
            "ssn", "social security", "social insurance", r"national (?:insurance|id(?:entity)?)", "ni", "nino",
            "aadh?aa?r",
            r"voter[ -]?id", "identity card", "personalausweis(?:nummer)?", "ausweis", "sozialversicherungs",
            "bsn", "dni", "curp",
            "pesel", "personnummer", "ahv", "insee", "carte d['’]identité", "carta d['’]identità", "sin", "nric", nouns=
            "{1,3}"),
    _stated("stated_ssn", PersonalKind.NATIONAL_ID, "ssns?", "aadh?aa?r", r"voter[ -]?id", "bsn", "dni", "pesel",
    "personnummer"),
    _stated("stated_account", PersonalKind.BANK_ACCOUNT,
            r"(?:bank|checking|savings|personal)[ -]accounts?", "accounts?", "acct", "accnum", "acc", "konto",
            "compte", "cuenta",
            "rekening", "routing", "ifsc", "micr", "swift", "bic", nouns="{1,3}"),
    _stated("stated_bank", PersonalKind.BANK_ACCOUNT, r"bank accounts?", "kontonummer", "bankleitzahl", "blz",
            "kto", "routing number", "sort code", "rekeningnummer"),
    _stated("stated_iban", PersonalKind.IBAN, "iban", min_digits=8),
    _stated("stated_card", PersonalKind.PAYMENT_CARD, r"(?:credit|debit|payment|bank)[ -]?card", "kreditkarten?",
    "kartennummer",
            "carte de crédit", "carte bancaire", "tarjeta de crédito", "carta di credito", min_digits=12),
    _stated("stated_patient", PersonalKind.MEDICAL_RECORD,
            "patient(?:en)?(?:nummer|[ -]?nr)?", "mrn", "medical (?:record|file)", "hospital", "fallnummer",
            "chart", "nhs",
            nouns="{1,3}"),
    _stated("stated_medical", PersonalKind.MEDICAL_RECORD, "mrn", "medical (?:record|file)", "patientennummer",
    "fallnummer"),
    _stated("stated_insurance", PersonalKind.HEALTH_INSURANCE,
            "(?:health |medical )?insurance(?: policy)?", "policy(?:holder)?", "member(?:ship)?", "subscriber",
            "medicare", "medicaid",
            "versicherten(?:nummer)?", "krankenversicherten(?:nummer)?", "kvnr", "beneficiary", nouns="{1,3}"),
    _stated("stated_policy", PersonalKind.HEALTH_INSURANCE, "insurance policy", "versichertennummer", "mutuelle"),
)  # fmt: skip
