"""Two workers come to the verdicts that one comes to."""

from pathlib import Path

from editing import edit
from verification import WITHOUT_WHAT_LASTS, Verify


def test_workers_change_no_verdict(tree: Path, verify: Verify) -> None:
    edit(tree, "infra/docker/api.Dockerfile", "EXPOSE 10000", 'EXPOSE 10000\nHEALTHCHECK CMD ["true"]')
    edit(tree, "infra/render/render.yaml", "'30 1 * * *'\n    autoDeploy: false", "'30 1 * * *'\n    autoDeploy: true")
    alone = verify(*WITHOUT_WHAT_LASTS)
    together = verify(*WITHOUT_WHAT_LASTS, "-n", "2")
    assert (alone.status, alone.violated) == (1, {"D3-13", "D5-01"}), alone.output
    assert together.states == alone.states
    assert together.status == alone.status
    assert [row["cells"] for row in together.report["requirements"].values()] == [
        row["cells"] for row in alone.report["requirements"].values()
    ]
