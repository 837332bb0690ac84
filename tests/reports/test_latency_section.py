from __future__ import annotations

from wizard.reports.latency_chart import draw
from wizard.reports.sections import latency
from wizard.results_latency import LEFT_OUT, LatencyResult, Timing


def made():
    timings = [
        Timing(network="fast", network_title="Fast", channels=2, precision=precision, batch=1, engine="OpenVINO",
               median_ms=ms, p99_ms=3 * ms, cells_per_second=1000 / ms, sorting_rate=333 / ms)
        for precision, ms in (("float32", 1.0), ("int8", 0.5))
    ]  # fmt: skip
    failed = Timing(network="x", network_title="X", channels=2, precision="int8", batch=1, failed="It is too large.")
    return LatencyResult(frame=48, timings=[*timings, failed], processor="A processor", cores=2)


def test_summary_and_blocks_hold_the_figures(tmp_path):
    result = made()
    said = latency.summary(result)
    assert "Fast, 2 channels, 8-bit integers: 0.50 ms in the median, 1.50 ms" in said and "666 cells a second" in said
    draw(result, tmp_path / "latency.png")
    blocks = latency.blocks(result, tmp_path)
    assert blocks[0].text == LEFT_OUT
    table = blocks[-1]
    assert len(list(table.rows)) == 3 and list(table.rows)[2][-1] == "It is too large."
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert blocks[2].path.is_file()


def test_nothing_timed_is_said(tmp_path):
    result = LatencyResult(timings=made().timings[2:])
    assert "could be timed" in latency.summary(result)
    assert len(latency.blocks(result, tmp_path)) == 3
