import RNNCore

extension PairProfileStudy {
  var configuration: JSONValue {
    .object(
      saved.settings.facts.map { ($0.name, JSONValue($0.value)) } + [
        ("model", JSONValue(saved.file.path)), ("probe", JSONValue(probing.rawValue)),
        ("pairs", JSONValue(pairCount)),
      ])
  }

  func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/profile/1", "machine": machine.json, "configuration": configuration,
      "results": .array(looks.map(\.json)),
      "encoderPaths": [
        "finalStates": JSONValue(bridge),
        "attention": attention.map { attention in
          [
            "norms": attention.gradient.json, "norm": JSONValue(attention.norm),
            "entropy": JSONValue(attention.entropy),
            "uniformEntropy": JSONValue(attention.uniformEntropy),
          ]
        } ?? .null,
      ],
      "parameters": .object(
        profile.parameters.map { parameter in
          (
            parameter.name,
            [
              "gradientNorm": JSONValue(parameter.gradientNorm),
              "weightNorm": JSONValue(parameter.weightNorm),
            ]
          )
        }),
    ]
  }

  /// One line a layer and distance, attention as a layer.
  var csv: String {
    ResultRows.csv(
      looks.flatMap(\.fields)
        + (attention.map { attention in
          attention.gradient.byDistance.enumerated().map { distance, norm in
            ProfileLook.fields(
              cell: cell, when: "saved", layer: "attention", distance: distance, hidden: norm,
              cellNorm: nil, share: attention.gradient.share(at: distance))
          }
        } ?? []))
  }
}
