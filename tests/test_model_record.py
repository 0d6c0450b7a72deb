"""The model record of examples/ is what CONTRIBUTING says: copied into the base, it is valid."""

from __future__ import annotations

import shutil
from pathlib import Path

from kb import Layout, load_store, shipped_layout
from kb.cli import main
from kb.embedded import EmbeddedEngine
from kb.query import find_query
from kb.validation import validate

MODEL = Path(__file__).parents[1] / "examples" / "instrument.ttl"


def test_the_model_record_is_valid_and_answers_questions(tmp_path: Path) -> None:
    data = Path(shutil.copytree(shipped_layout().data, tmp_path / "data"))
    record = data / "instruments" / "model-regulation.ttl"
    shutil.copy(MODEL, record)
    assert main(["fmt", str(record)]) == 0
    layout = Layout(data, shipped_layout().ontology)
    assert [problem.text("en") for problem in validate(layout, only=[record]).problems] == []
    engine = EmbeddedEngine(load_store(layout))
    rows = engine.select(find_query("cq13"), principle="principle:data-portability")
    assert any(row["instrument"].value.endswith("/model-regulation") for row in rows)
