"""What opens something: passwords, keys, tokens, addresses that carry them.

The shapes of keys are those that their issuers document for secret scanning.
"""

import math
import re
from collections import Counter

from pipeline.insight.pii.detector import Detector
from pipeline.personal import PersonalKind

_KEYS = (
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{60,255}",
    r"glpat-[\w-]{20,64}",  # GitLab
    r"xox[abeprs]-[A-Za-z0-9-]{10,250}",  # Slack
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,250}",  # Stripe
    r"AIza[\w-]{35}",  # Google
    r"ya29\.[\w-]{20,512}",
    r"sk-(?:proj-|ant-[a-z0-9]+-)?[\w-]{32,200}",  # makers of language models
    r"SG\.[\w-]{16,64}\.[\w-]{16,128}",  # SendGrid
    r"npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,512}",
    r"hf_[A-Za-z0-9]{30,64}",
    r"dop_v1_[a-f0-9]{64}",  # DigitalOcean
    r"eyJ[\w-]{8,2048}\.eyJ[\w-]{8,4096}\.[\w-]{8,2048}",  # JSON Web Token (RFC 7519)
)
_KEY_NAMES = (
    r"(?:api|access|secret|auth|client|account|shared|encryption|private|signing|license|licence)[ _-]?"
    r"(?:key|token|secret|password)(?:[ _-]?id)?|bearer|authorization|token|secret"
)
_CREDENTIALS = (
    r"pass ?words?|passwd|pwd|passphrase|pass ?codes?|pin(?:[ -]?(?:code|number|nummer))?|passw(?:or|ör)t(?:er)?|"
    r"kennw(?:or|ör)t(?:er)?|"
    r"mot de passe|contraseña|clave|wachtwoord|senha|parola(?: d['’]ordine)?|hasło|lösenord|adgangskode"
)
# What stands for one and says nothing, and words that follow in sentences about passwords.
_PLACEHOLDERS = re.compile(
    r"[*•x.…_-]+|<.*>|\{.*\}|\$[A-Z_{(].*|(?:your|my|the|some|new|old)[_-]?\w*|none|null|true|false|required|"
    r"protected|changeme!?|redacted|hidden|example|expired|reset|policy|manager|field|string",
    re.IGNORECASE,
)


def _is_password(text: str) -> bool:
    """A word that nobody writes in a sentence: with a digit or a sign in it, and capital and small letters or both."""
    text = text.rstrip(".,;")
    if len(text) < 4 or _PLACEHOLDERS.fullmatch(text):
        return False
    return text.isdigit() or any(c.isdigit() or not c.isalnum() for c in text)


def _is_given_password(text: str) -> bool:
    """What is set down after a colon, an equals sign or in quotes may be a plain word."""
    return len(text) >= 3 and not _PLACEHOLDERS.fullmatch(text.rstrip(".,;"))


def _is_random(text: str) -> bool:
    """Shannon's entropy of its characters is that of a key: 3 bits each; with digits and letters."""
    if _PLACEHOLDERS.fullmatch(text) or not (any(c.isdigit() for c in text) and any(c.isalpha() for c in text)):
        return False
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts) >= 3.0


_TOKEN = r"[^\s'\"“”‘’<>]"  # noqa: S105 - a character of one

DETECTORS = (
    Detector(
        "private_key", PersonalKind.PRIVATE_KEY,
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[^-]{0,20000}-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"|(?:\s{1,2}[A-Za-z0-9+/=]{16,80}){0,400})"  # cut off: lines of base64
        ),
        has_digits=False, in_context=0.99, needs="-", raw=True,
    ),
    Detector("api_key", PersonalKind.API_KEY, re.compile(
        rf"(?<![\w-])(?:{'|'.join(_KEYS)})(?![\w-])"
    ), has_digits=False, in_context=0.98, raw=True),
    Detector(
        "api_key_stated", PersonalKind.API_KEY,
        re.compile(
            rf"(?<![A-Za-z])(?i:{_KEY_NAMES})['\"]?[ \t]{{0,3}}(?:[:=]|=>|is|ist)?[ \t]{{0,3}}['\"]?(?"
            rf"P<value>[\w+/=.~-]{{16,512}})(?![\w+/=])"
        ),
        _is_random, in_context=0.9, raw=True,
    ),
    Detector(
        "password", PersonalKind.PASSWORD,
        re.compile(
            rf"(?<![^\W\d_])(?i:{_CREDENTIALS})[ \t]{{1,3}}(?:(?:is|was|ist|war|lautet|est|es|è)[ \t]{{1,3}})?(?"
            rf"P<value>(?=[^\s'\"“”‘’<>(){{}}])"
            rf"{_TOKEN}{{4,64}}?)(?=[.,;:)]{{0,2}}(?:\s|$))"
        ),
        _is_password, has_digits=False, in_context=0.8, raw=True,
    ),
    Detector(
        "password_given", PersonalKind.PASSWORD,
        re.compile(
            rf"(?<![^\W\d_])(?i:{_CREDENTIALS})['\"]?[ \t]{{0,3}}(?:(?:is|was|ist|lautet|[:=]|:=|=>)[ \t]{{0,3}})?"
            r"['‘\"“„](?P<value>[^'’\"“”\n]{3,64})['’\"“”]"
        ),
        _is_given_password, has_digits=False, in_context=0.9, raw=True,
    ),
    Detector(
        "password_field", PersonalKind.PASSWORD,
        re.compile(
            rf"(?<![^\W\d_])(?i:{_CREDENTIALS})[ \t]{{0,3}}[:=][ \t]{{0,8}}\n?(?P<value>{_TOKEN}{{3,64}}?)(?"
            rf"=[.,;)]?(?:\s|$))"
        ),
        _is_given_password, has_digits=False, in_context=0.9, raw=True,
    ),
    Detector(
        "login_pair", PersonalKind.PASSWORD,
        re.compile(
            r"(?i:(?:credentials?|logins?|log-in|sign-in|zugangsdaten|anmeldedaten|identifiants)[^\n]{0,40}?)"
            rf"[\w.+-]{{1,64}}@[\w.-]{{3,64}}[ \t]{{0,2}}[/:|,][ \t]{{0,2}}(?P<value>{_TOKEN}{{4,64}}?)(?=[.,;)]?(?"
            rf":\s|$))"
        ),
        _is_password, has_digits=False, in_context=0.85, needs="@", raw=True,
    ),
    Detector(
        "url_userinfo", PersonalKind.URL_SECRET,
        re.compile(
            r"(?<![\w+.-])[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@'\"<>]{1,100}:[^\s/@'\"<>]{1,100}@[^\s'\"<>]"
            r"{1,500}"
        ),
        has_digits=False, in_context=0.97, needs="@", raw=True,
    ),
    Detector(
        "url_token", PersonalKind.URL_SECRET,
        re.compile(
            r"(?<![\w+.-])https?://[^\s'\"<>?#]{1,500}[?#](?:[^\s'\"<>&]{0,500}&)?(?i:(?:access_|auth_|id_|"
            r"session_?|refresh_)?token|api_?key|key|sig|"
            r"signature|secret|password|pwd|x-amz-signature|code|auth)=(?:[^\s'\"<>&]{8,2000})[^\s'\"<>]{0,2000}"
        ),
        has_digits=False, in_context=0.9, needs="=", raw=True,
    ),
)  # fmt: skip
