"""What the tests of evaluation share: the real models beside invented texts."""

from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "models"
INT8, FLOAT = "all-minilm-l6-v2-int8", "all-minilm-l6-v2-fp32"

PASSAGES = (
    "The tenant may terminate the lease with three months' notice to the landlord.",
    "Haemoglobin and ferritin were measured in the blood sample of the patient.",
    "The turbine blades were inspected after four thousand hours of service.",
    "Invoice for oak shelves: the amount is due within fourteen days.",
    "The committee approved the minutes and discussed the new beehives.",
    "Revenue rose by nine per cent while the cost of freight fell.",
    "The router restarts when the reset button is held for ten seconds.",
    "The court held that the notice was served too late to be valid.",
    "Moss on flat roofs keeps rain water back and cools the rooms below.",
    "The recipient shall keep confidential information secret for five years.",
    "The folding bicycle broke at the hinge and I want my money back.",
    "Ferries ran on time on most days in spite of the winter storms.",
)
NAMES = (
    "Ottilie Brandhuber; Casimir Lindholm; Farouk el-Dessouky; Ines Valdemoro; Pim van der Aar",
    "Present: Y. Okonkwo, M. Szabo, R. Thistlewood, H. Nakagawa, B. Quispe",
)
CALIBRATION = tuple(f"Paragraph {number} deals with item {number * 7} of the list." for number in range(10))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: the real ones, linked, with invented texts beside them."""
    folder = tmp_path_factory.mktemp("models")
    for name in (INT8, FLOAT):
        if not (MODELS / name / "model.onnx").is_file():
            pytest.skip(f"{name} is not built: run `pipeline models build {name}`")
        (folder / name).symlink_to(MODELS / name, target_is_directory=True)
    write_texts(folder)
    return folder


def write_texts(folder: Path) -> None:
    """The three files of passages, invented."""
    (folder / "texts").mkdir()
    for name, passages in (("evaluation", PASSAGES), ("names", NAMES), ("calibration", CALIBRATION)):
        (folder / "texts" / f"{name}.txt").write_text("\n---\n".join(passages), encoding="utf-8")
