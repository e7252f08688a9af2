"""Which documents a question is asked of, and the passages in them. Knows no ranking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a document must be to take part; None: whatever it is."""

    label: str | None = None
    language: str | None = None

    def chunks(self) -> tuple[str, tuple[str, ...]] | None:
        """SQL, and its parameters, that gives the ids of the passages that take part; None when all do."""
        wanted = {"label": self.label, "language": self.language}
        given = {column: value for column, value in wanted.items() if value is not None}
        if not given:
            return None
        conditions = " AND ".join(f"documents.{column} = ?" for column in given)
        return (
            "SELECT chunks.id FROM chunks JOIN documents ON documents.id = chunks.document_id "  # noqa: S608 - our own words
            f"WHERE {conditions}",
            tuple(given.values()),
        )


EVERYTHING = Narrowing()
