"""Where persons live: streets with their numbers, in the languages that name them by a known word, and what follows."""

import re

from pipeline.insight.pii.detector import Detector
from pipeline.personal import PersonalKind

_NAME = r"[A-ZÀ-ÖØ-Ý][\w'’.-]{0,24}"
_NUMBER = r"\d{1,5}(?:(?:[a-z]|[ \n]?[A-Z])(?![a-zA-Z]))?(?:[-/]\d{1,4})?"
_SHORT_NUMBER = r"\d{1,3}(?:(?:[a-z]|[ \n]?[A-Z])(?![a-zA-Z]))?(?:[-/]\d{1,3})?(?!\d)"
_UNIT = r"(?:,?[ \n](?:(?i:apt|apartment|suite|ste|unit|flat|room|rm|floor|fl)\.?|#)[ \n]?#?[\w-]{1,6})?"
_TAIL_US = r"(?:[,\n][ \n]?[A-Z][\w'’. -]{1,28},?[ \n](?:[A-Z]{2}|[A-Z][a-z]{3,13})[ \n]\d{5}(?:-\d{4})?(?!\d))?"
_TAIL_UK = r"(?:(?:[,\n][ \n]?[A-Z][\w'’. -]{1,28}){0,2}[, \n]{1,3}[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}(?!\w))?"
_POSTAL_CODE = r"(?:[A-Z]{1,2}-)?(?:\d{4}-\d{3}|\d{4,5}|\d{2}-\d{3}|\d{3}[ ]\d{2})(?:[ \n]?[A-Z]{2})?"
_TAIL_EU = (
    rf"(?:[,\n][ \n]?{_POSTAL_CODE}[ \n][A-ZÀ-ÖØ-Ý][\w'’.-]{{1,30}}(?:[ \n](?:am|an|im|sur|la|"
    r"le|di|de|[A-ZÀ-ÖØ-Ý][\w'’.-]{1,20})){0,3})?"
)
_STREETS_EN = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Circle|Cir|Way|Place|Pl|Square|Sq|"
    r"Terrace|Ter|Parkway|Pkwy|"
    r"Highway|Hwy|Crescent|Close|Gardens|Mews|Row|Walk|Grove|Hill|Rise|Trail|Turnpike|Plaza|Alley|Broadway|"
    r"Expressway|Esplanade|Parade|Quay)"
)
# No hyphen within a word: it stands between words, and a pattern with both ways would try all of them.
_STREET_DE = (
    r"(?:[A-ZÄÖÜ][\wäöüß.]{0,24}[ -]){0,3}(?:[A-ZÄÖÜ][\wäöüß]{1,24}(?:straße|strasse|str\.|gasse|weg|platz|"
    r"allee|damm|ufer|chaussee|steig|"
    r"graben)|[A-ZÄÖÜ][\wäöüß]{3,24}[^aeiouy\W\d]ring|[A-ZÄÖÜ][\wäöüß]{1,24}[ -](?:Straße|Strasse|Str\.|Gasse|"
    r"Weg|Platz|Allee|Ring|Damm|Ufer|"
    r"Chaussee))"
)
_STREET_FR = r"(?i:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|cours|route|square|passage)"
_STREET_ES = (
    r"(?:Calle|C/|Avenida|Avda?\.|Plaza|Pza\.|Paseo|Camino|Carretera|Ronda|Travesía|Rua|Avenida|Praça|Travessa|Largo)"
)
_STREET_IT = r"(?:Via|Viale|V\.le|Piazza|P\.za|Corso|C\.so|Largo|Vicolo|Strada|Piazzale)"
_STREET_NL = (
    r"[A-ZÀ-ÖØ-Þ][\w-]{1,24}(?:straat|weg|laan|plein|gracht|kade|dijk|singel|hof|steeg|dreef|gatan|vägen|gränd|torget|"
    r"vej|gade|stræde|veien|vegen|gaten|gata|katu|kuja|polku|tie|braut|vegur|stræti|utca|úti|ulica)"
)
# Street words of Polish, Czech, Slovak, Slovene, Croatian, Romanian, Greek, Russian and Bulgarian, which stand first,
# and of Hungarian, Turkish and the Baltic languages, which stand behind the name.
_FIRST_EAST = (
    r"(?:ul\.|Ul\.|ulica|Ulica|ulice|al\.|Al\.|aleja|Aleja|pl\.|Pl\.|plac|Plac|os\.|nám\.|náměstí|Náměstí|námestie|"
    r"třída|Třída|trg|Trg|cesta|Cesta|Strada|Str\.|Calea|Bulevardul|B-dul|Șos\.|Λεωφόρος|Λεωφ\.|Οδός|οδός|Πλατεία|"
    r"улица|Улица|ул\.|Ул\.|проспект|Проспект|пр\.|бул\.|пл\.|пер\.)"
)
_LAST_EAST = (
    r"(?:u\.|utca|útja|út|tér|tere|körút|krt\.|rkp\.|rakpart|sétány|fasor|köz|Sokak|Sokağı|Sok\.|Sk\.|Caddesi|Cad\.|"
    r"Cd\.|Bulvarı|Blv\.|iela|gatvė|prospektas|tänav|puiestee)"
)
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽΆ-ΫЀ-Я]"
_WORD = rf"{_CAPITAL}[\w'’.-]{{1,24}}"
_FEW_WORDS = rf"{_WORD}(?:[ \n]{_WORD}){{0,3}}"
_UNIT_WORD = r"(?:(?i:apt|apartment|suite|ste|flat)\.?[ \n]#?\d{1,5}[A-Za-z]?)\b"
# What is counted like houses are, in contracts and calendars.
_NO_STREET = (
    r"(?!(?:Section|Article|Clause|Schedule|Exhibit|Annex|Appendix|Item|Part|Chapter|Page|Note|Form|Rule|Table|Figure|No|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni|"
    r"Juli|Oktober|Dezember)\b)"
)
_COUNTRIES = (
    "United States(?: of America)?", "USA", r"U\.S\.A\.", "United Kingdom", "UK", "England", "Scotland", "Wales",
    "Ireland", "Canada", "Australia", "New Zealand", "South Africa", "India", "Singapore", "Germany", "Deutschland",
    "Austria", "Österreich", "Switzerland", "Schweiz", "Suisse", "France", "Belgium", "Belgique", "België",
    "Netherlands", "Nederland", "Luxembourg", "Spain", "España", "Portugal", "Italy", "Italia", "Greece", "Cyprus",
    "Denmark", "Danmark", "Norway", "Norge", "Sweden", "Sverige", "Finland", "Suomi", "Iceland", "Poland", "Polska",
    "Czech Republic", "Czechia", "Slovakia", "Slovenia", "Croatia", "Hungary", "Romania", "Bulgaria", "Estonia",
    "Latvia", "Lithuania", "Turkey", "Brazil", "Brasil", "Mexico", "México", "Uruguay", "Argentina",
)  # fmt: skip
_COUNTRY = rf"(?:{'|'.join(_COUNTRIES)})"
_TOWN = rf"[,\n]{{0,2}}[ \n]{{1,2}}{_WORD}(?:[ -]{_WORD}){{0,2}}"
_TAIL_COUNTRY = rf"(?:(?:{_TOWN})?[,\n]{{0,2}}[ \n]{{1,2}}{_COUNTRY}(?!\w))?"
_PARTICLE = r"(?:[ \n](?:de|du|des|la|le|les|del|della|delle|dei|da|do|dos|das|los|las|el|y|von|der|den|van|di)(?!\w))"
_FEW = (
    rf"{_PARTICLE}{{0,3}}[ \n](?:[LlDd]['’])?{_NAME}"
    rf"(?:{_PARTICLE}{{0,2}}[ \n](?:[LlDd]['’])?{_NAME}){{0,3}}"
)

_BEFORE = r"(?<![\w.,-])"

DETECTORS = (
    Detector(
        "street_en", PersonalKind.ADDRESS,
        re.compile(
            rf"{_BEFORE}{_NUMBER},?[ \n](?:(?:[NSEW]|North|South|East|West)\.?[ \n])?(?:(?:{_NAME}|\d{{1,3}}(?:st|nd|"
            rf"rd|th))[ \n]){{1,4}}{_STREETS_EN}\b\.?"
            rf"(?:[ \n](?:[NSEW]{{1,2}}|North|South|East|West)\b\.?)?{_UNIT}(?:{_TAIL_US})(?:{_TAIL_UK}){_TAIL_COUNTRY}"
        ),
        in_context=0.85,
    ),
    Detector(
        "po_box", PersonalKind.ADDRESS,
        re.compile(
            rf"(?<!\w)(?i:P\.?[ \n]?O\.?[ \n]?Box|Postfach|Boîte postale|B\.?P\.|Apartado(?: de correos)?|"
            rf"Casella postale|Postbus)[ \n]\d(?:[ \n]?\d){{0,8}}{_TAIL_US}{_TAIL_EU}"
        ),
        in_context=0.85,
    ),
    Detector(
        "military_us", PersonalKind.ADDRESS,
        re.compile(
            r"(?<!\w)(?:(?:Unit|PSC|CMR) \d{1,5},? Box \d{1,5}|US(?:NV|NS|CGC|S) [A-Z][\w -]{1,24})[,\n ]{1,2}(?"
            r":DPO|APO|FPO),? (?:AA|AE|AP) \d{5}(?:-\d{4})?"
        ),
        in_context=0.95,
    ),
    Detector("street_de", PersonalKind.ADDRESS, re.compile(
        rf"(?<![\w-]){_STREET_DE}[ \n]{_SHORT_NUMBER}(?!\w|[.,]\d){_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    Detector("street_fr", PersonalKind.ADDRESS, re.compile(
        rf"{_BEFORE}{_NUMBER}(?:[ \n](?:bis|ter|quater))?,?[ \n]{_STREET_FR}{_FEW}{_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    Detector("street_es", PersonalKind.ADDRESS, re.compile(
        rf"(?<!\w){_STREET_ES}{_FEW},?[ \n](?:n[°ºo]?\.?[ \n]?)?{_NUMBER}(?!\w|[.,]\d){_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    Detector("street_it", PersonalKind.ADDRESS, re.compile(
        rf"(?<!\w){_STREET_IT}{_FEW},?[ \n](?:n[°ºo]?\.?[ \n]?)?{_NUMBER}(?!\w|[.,]\d){_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    Detector("street_nl", PersonalKind.ADDRESS, re.compile(
        rf"(?<!\w){_STREET_NL}[ \n]{_NUMBER}(?!\w|[.,]\d){_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    Detector("street_east", PersonalKind.ADDRESS, re.compile(
        rf"(?<![\w.-])(?:{_FIRST_EAST}[ \n](?:\d{{1,2}}\.?[ \n])?{_FEW_WORDS}|{_FEW_WORDS}[ \n]{_LAST_EAST}),?[ \n]"
        rf"(?:No[.:]?[ \n]?)?{_SHORT_NUMBER}(?!\w|[.,]\d){_UNIT}{_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    # A flat or suite behind a number and a name, whatever the street is called.
    Detector("street_unit", PersonalKind.ADDRESS, re.compile(
        rf"(?<![\w.,-]){_NO_STREET}(?:{_NUMBER},?[ \n]{_FEW_WORDS}(?:[ \n]{_NUMBER})?|{_FEW_WORDS}[ \n]{_NUMBER})"
        rf",?[ \n]{{1,2}}{_UNIT_WORD}(?:{_TAIL_US}){_TAIL_EU}{_TAIL_COUNTRY}"
    ), in_context=0.85),
    # A name and a number before a postal code and a town, or a number and a name before a town, a state and its code.
    Detector("street_postal", PersonalKind.ADDRESS, re.compile(
        rf"(?<![\w.,-]){_NO_STREET}{_FEW_WORDS}[ ]{_SHORT_NUMBER}(?:,[ \n]|\n[ ]?)"
        rf"(?:[A-Z]{{1,2}}-)?(?!19\d\d |20[0-3]\d )\d{{4,5}}[ ]{_NO_STREET}{_WORD}(?:[ -]{_WORD})?{_TAIL_COUNTRY}"
    ), in_context=0.7),
    Detector("street_zip", PersonalKind.ADDRESS, re.compile(
        rf"{_BEFORE}\d{{1,5}}[ ]{_NO_STREET}{_FEW_WORDS}(?:,[ \n]|\n[ ]?){_WORD}(?:[ ]{_WORD}){{0,2}},?[ \n]"
        rf"[A-Z]{{2}}[ \n]\d{{5}}(?:-\d{{4}})?(?!\d){_TAIL_COUNTRY}"
    ), in_context=0.85),
)  # fmt: skip
