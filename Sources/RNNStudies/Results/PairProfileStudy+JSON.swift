import RNNCore
import RNNReport

extension PairProfileStudy {
  package var configuration: JSONValue { base.configuration }

  package func json(_ machine: MachineRecord) -> JSONValue {
    base.json(
      machine,
      paths: (
        "encoderPaths",
        [
          "finalStates": JSONValue(bridge),
          "attention": attention.map { attention in
            .object(
              [("norms", attention.gradient.json), ("norm", JSONValue(attention.norm))]
                + attention.focus.jsonFields)
          } ?? .null,
        ]
      ))
  }

  /// One line a layer and distance, attention as a layer.
  package var csv: String {
    ResultRows.csv(
      base.looks.flatMap(\.fields)
        + (attention.map { attention in
          attention.gradient.byDistance.enumerated().map { distance, norm in
            ProfileLook.fields(
              cell: base.cell, when: "saved", layer: "attention", distance: distance, hidden: norm,
              cellNorm: nil, share: attention.gradient.share(at: distance))
          }
        } ?? []))
  }
}
