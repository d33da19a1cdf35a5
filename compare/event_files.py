"""Event files by TensorBoard itself: `write FILE` makes the fixture of test/report/event-file.test.ts, `read FOLDER` prints
what TensorBoard reads of the scalars in a folder (as `tune --log tensorboard` writes them)."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

# wall time, step, scalars: those of the test
EVENTS = [
    (1700000000.25, 0, {"step/loss": 0.75}),
    (1700000001.5, 10, {"validation/loss": 0.5, "validation/accuracy": 0.75}),
    (1700000002.0, 300, {"验证/损失": -1.5e-7}),
]


def write(path):
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=EVENTS[0][0], file_version="brain.Event:2").SerializeToString())
        for seconds, step, scalars in EVENTS:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
            event = Event(wall_time=seconds, step=step, summary=Summary(value=values))
            writer.write(event.SerializeToString())
        writer.flush()


def read(folder):
    events = EventAccumulator(folder)
    events.Reload()
    print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
