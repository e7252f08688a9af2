"""The kinds of personal data and secrets that are looked for in every document. Says what they are called, no more.

Kinds that the configuration adds have names of their own (`personal_data.patterns`).
"""

from enum import StrEnum


class PersonalKind(StrEnum):
    """What a finding is of. Stable: filters, configurations and audits may rely on these words."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    LICENCE_PLATE = "licence-plate"
    DATE_OF_BIRTH = "date-of-birth"
    NATIONAL_ID = "national-id"  # numbers that a state gives a person, social security included
    TAX_ID = "tax-id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving-licence"
    IBAN = "iban"
    BANK_ACCOUNT = "bank-account"
    PAYMENT_CARD = "payment-card"
    MEDICAL_RECORD = "medical-record"
    HEALTH_INSURANCE = "health-insurance"
    IP_ADDRESS = "ip-address"
    MAC_ADDRESS = "mac-address"
    GPS_POSITION = "gps-position"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    API_KEY = "api-key"
    PRIVATE_KEY = "private-key"
    URL_SECRET = "url-secret"  # noqa: S105 - an address with a password or a token in it

    @property
    def sentence(self) -> str:
        """What it is, for people."""
        return _SENTENCES[self]


NAMES = (PersonalKind.PERSON, PersonalKind.ORGANISATION, PersonalKind.PLACE)
IMPERSONAL = (PersonalKind.ORGANISATION, PersonalKind.PLACE)  # by themselves they say nothing of a person

_SENTENCES = {
    PersonalKind.PERSON: "Names of persons.",
    PersonalKind.ORGANISATION: "Names of firms, authorities and other organisations.",
    PersonalKind.PLACE: "Names of countries, regions, towns and other places.",
    PersonalKind.EMAIL: "E-mail addresses.",
    PersonalKind.PHONE: "Telephone numbers.",
    PersonalKind.ADDRESS: "Postal addresses: street with number, or post code with town, in context.",
    PersonalKind.LICENCE_PLATE: "Number plates of vehicles, in context.",
    PersonalKind.DATE_OF_BIRTH: "Dates of birth, in context.",
    PersonalKind.NATIONAL_ID: "Numbers that a state gives to a person, social security numbers included.",
    PersonalKind.TAX_ID: "Tax numbers of persons and firms.",
    PersonalKind.PASSPORT: "Passport numbers, in context, and machine-readable lines of passports.",
    PersonalKind.DRIVING_LICENCE: "Driving licence numbers.",
    PersonalKind.IBAN: "International bank account numbers.",
    PersonalKind.BANK_ACCOUNT: "Other account and bank routing numbers, in context.",
    PersonalKind.PAYMENT_CARD: "Numbers of credit and debit cards.",
    PersonalKind.MEDICAL_RECORD: "Numbers of patients and medical records, in context.",
    PersonalKind.HEALTH_INSURANCE: "Health insurance numbers.",
    PersonalKind.IP_ADDRESS: "Internet addresses of machines.",
    PersonalKind.MAC_ADDRESS: "Hardware addresses of network cards.",
    PersonalKind.GPS_POSITION: "Geographic positions.",
    PersonalKind.PASSWORD: "Passwords and other credentials, in context.",
    PersonalKind.API_KEY: "Keys and tokens of services.",
    PersonalKind.PRIVATE_KEY: "Private keys.",
    PersonalKind.URL_SECRET: "Web addresses that carry a password or a token.",
}
