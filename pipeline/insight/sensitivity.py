"""How sensitive a document is: the highest level that any rule gives it, until a person decides.

A level is never lowered by itself.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from pipeline.config import SensitivityConfig
from pipeline.storage import findings
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database


def ruled(config: SensitivityConfig, label: str | None, personal: Mapping[str, int], before: str | None) -> str:
    """The level by the rules, no lower than `before`. `personal` says how many findings of each kind there are."""
    levels = [config.default, *([before] if before is not None else [])]
    for rule in config.rules:
        has_label = not rule.label or label in rule.label
        has_personal = not rule.personal or sum(personal.get(kind, 0) for kind in rule.personal) >= rule.at_least
        if has_label and has_personal:
            levels.append(rule.level)
    return max((_known(config, level) for level in levels), key=config.levels.index)


def effective(config: SensitivityConfig, by_rules: str, chosen: str | None, chosen_over: str | None) -> str:
    """The level that counts: a person's, unless the rules have risen above what they said when it was chosen."""
    if chosen is None:
        return by_rules
    rank = config.levels.index
    if chosen_over is not None and rank(by_rules) > rank(_known(config, chosen_over)):
        return max(by_rules, _known(config, chosen), key=rank)
    return _known(config, chosen)


def _known(config: SensitivityConfig, level: str) -> str:
    """A level of the configuration; one that it no longer names is held for the highest."""
    return level if level in config.levels else config.levels[-1]


class Assessor:
    """Gives documents their levels. Threads share it."""

    def __init__(self, database: Database, audit: Audit, config: SensitivityConfig) -> None:
        self._database = database
        self._audit = audit
        self._config = config
        self.fingerprint = hashlib.sha256(msgspec.json.encode(config)).hexdigest()[:16]

    def assess(self, document_id: int) -> str:
        """Bring the level of a document up to its label and findings; returns it. Call inside atomic()."""
        row = self._row(document_id)
        personal = findings.counts(self._database, [document_id]).get(document_id, {})
        by_rules = ruled(self._config, row["label"], personal, row["sensitivity_ruled"])
        level = effective(self._config, by_rules, row["sensitivity_chosen"], row["sensitivity_over"])
        self._database.run(
            "UPDATE documents SET sensitivity = ?, sensitivity_ruled = ? WHERE id = ?", (level, by_rules, document_id)
        )
        if row["sensitivity"] not in (None, level):
            self._audit.record(Event.SENSITIVITY_RULED, row["sha256"])
        return level

    def choose(self, document_id: int, level: str | None) -> str:
        """Set the level that a person has decided on, None: leave it to the rules; returns what counts from now on."""
        with self._database.atomic():
            row = self._row(document_id)
            over = None if level is None else row["sensitivity_ruled"]
            self._database.run(
                "UPDATE documents SET sensitivity_chosen = ?, sensitivity_over = ? WHERE id = ?",
                (level, over, document_id),
            )
            self._audit.record(Event.SENSITIVITY_CHOSEN, row["sha256"])
            return self.assess(document_id)

    def assess_all(self) -> int:
        """Bring all levels up to the configuration, when it has changed; returns how many documents were looked at."""
        with self._database.atomic():
            row = self._database.row("SELECT value FROM settings WHERE name = 'sensitivity'")
            if row is not None and row[0] == self.fingerprint:
                return 0
            documents = self._database.rows("SELECT id FROM documents")
            for document in documents:
                self.assess(document["id"])
            self._database.run(
                "INSERT OR REPLACE INTO settings (name, value) VALUES ('sensitivity', ?)", (self.fingerprint,)
            )
        return len(documents)

    def _row(self, document_id: int) -> Mapping[str, str | None]:
        row = self._database.row(
            "SELECT sha256, label, sensitivity, sensitivity_ruled, sensitivity_chosen, sensitivity_over "
            "FROM documents WHERE id = ?",
            (document_id,),
        )
        assert row is not None
        return {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row has no other
