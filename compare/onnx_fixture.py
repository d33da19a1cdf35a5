"""Makes test/fixtures/onnx/small.onnx: the bytes that src/autodiff/onnx-protobuf.ts must write. Needs onnx and numpy."""

from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, StringStringEntryProto, TensorProto, helper, numpy_helper

FILE = Path(__file__).parent.parent / "test" / "fixtures" / "onnx" / "small.onnx"


def node(operator, inputs, outputs, domain="", **attributes):
    made = helper.make_node(operator, inputs, outputs, name=outputs[0])
    for name, (kind, value) in attributes.items():
        made.attribute.append(helper.make_attribute(name, value, attr_type=kind))
    made.domain = domain
    return made


weight = TensorProto(name="weight", data_type=TensorProto.FLOAT, dims=[3, 2], data_location=TensorProto.EXTERNAL)
for key, value in {"location": "folder/weights.bin", "offset": "5000000000", "length": "24"}.items():
    weight.external_data.append(StringStringEntryProto(key=key, value=value))

model = helper.make_model(
    helper.make_graph(
        [
            node(
                "Gemm",
                ["x", "weight", "bias"],
                ["product"],
                transA=(AttributeProto.INT, 0),
                transB=(AttributeProto.INT, 1),
                alpha=(AttributeProto.FLOAT, 0.3),
            ),
            node("Transpose", ["product"], ["turned"], perm=(AttributeProto.INTS, [1, 0])),
            node("Softmax", ["turned"], ["shares"], axis=(AttributeProto.INT, -1)),
            node("Unsqueeze", ["rows", "one"], ["places"]),
            node("ScatterND", ["shares", "places", "shares"], ["sum"], reduction=(AttributeProto.STRING, "add")),
            node("QuickGelu", ["sum"], ["y" * 200], domain="com.microsoft"),
        ],
        "small",
        inputs=[
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2]),
            helper.make_tensor_value_info("rows", TensorProto.INT64, [3]),
        ],
        outputs=[helper.make_tensor_value_info("y" * 200, TensorProto.FLOAT, [3, "N"])],
        initializer=[
            numpy_helper.from_array(np.array([0.5, -2.5, 1e-30], np.float32), "bias"),
            numpy_helper.from_array(np.array([-1], np.int64), "one"),
            weight,
        ],
    ),
    producer_name="softprompt",
    ir_version=10,
    opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)],
)

if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{FILE.name}: {FILE.stat().st_size} bytes by onnx {onnx.__version__}")
