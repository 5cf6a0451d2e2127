import RNNCore
import RNNReport

extension SavedProfile {
  package var cell: String { saved.cell }

  /// All layers, one network after the other.
  package var looks: [ProfileLook] {
    profile.layers.enumerated().map { index, layer in
      ProfileLook(
        cell: cell, when: "saved", name: layer.name, layer: layer,
        verdict: verdicts.isEmpty ? nil : verdicts[index], loss: profile.loss,
        memoryNeeded: min(memoryNeeded ?? .max, layer.memory.byDistance.count - 1))
    }
  }

  package func looks(of network: String) -> [ProfileLook] {
    looks.filter { $0.name.hasPrefix(network + ".") }
  }

  /// - Parameter probe: what the gradient is of, in words.
  package func summary(_ probe: String) -> String {
    let name = items.count == 1 ? String(items.name.dropLast()) : items.name
    return
      "\(saved.kind.rawValue): H \(saved.hidden), "
      + "\(saved.file.path.printable), \(items.count) \(name), \(probe)"
  }

  /// The verdicts, and a sentence about the ways between the parts where there are some.
  package func sentences(_ path: String? = nil) -> [String] {
    (looks.compactMap(\.verdict?.sentence) + [path].compactMap { $0 }).map {
      "\(cell), saved: \($0)"
    }
  }

  // MARK: - Tables

  /// A line a layer, then one a way.
  package func table(_ title: String, paths: [Path]) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text("gradient in"), .text("verdict"), .number("1 % within"), .number("steps"),
        .number("at the farthest"), .number("a step", .useful), .number("norm"),
        .number("memory gate", .useful), .number("saturated", .detail), .number("dead", .detail),
      ])
    for look in looks {
      table.append([
        .init(look.name), .init(look.verdict?.kind.rawValue ?? "-"), look.horizonCell,
        .init("\(look.memoryNeeded)"), look.shareCell, look.rateCell,
        .init(ProfileLook.number(look.layer.hidden.norm)), look.gateCell, look.saturatedCell,
        look.deadCell,
      ])
    }
    for path in paths {
      table.append(
        [
          path.name, "-", "-", path.farthest.map { "\($0.steps)" } ?? "-",
          ProfileLook.number(path.farthest?.share), "-", ProfileLook.number(path.norm), "-", "-",
          "-",
        ].map { Table.Cell($0) })
    }
    return table
  }

  /// - Parameter prefix: what the names of the parameters begin with.
  func parameterTable(_ title: String, prefix: String) -> Table {
    var table = Table(
      title: title, columns: [.text("parameter"), .number("‖gradient‖"), .number("‖w‖")])
    for parameter in profile.parameters where parameter.name.hasPrefix(prefix) {
      table.append([
        .init(parameter.name), .init(ProfileLook.number(parameter.gradientNorm)),
        .init(ProfileLook.number(parameter.weightNorm)),
      ])
    }
    return table
  }

  // MARK: - Sections

  /// What the task is, the verdicts, and the table.
  func overview(_ sentences: [String], _ table: Table, guide: String) -> ReportSection {
    ReportSection(
      "What happens to the gradient", answer: sentences,
      [.paragraph(problem.asSentence), .table(table), .paragraph(guide)])
  }

  package func rows(of network: String) -> [GradientFigures.Row] {
    looks(of: network).map { ($0.name, $0.layer.memory) }
  }

  /// - Parameter steps: the title of the distances.
  package func decay(
    _ network: String, _ rows: [GradientFigures.Row], steps: String
  ) -> ReportSection.Block {
    .figure(
      GradientFigures.decay(
        "Decay, \(network)",
        description: "Share of the gradient by distance for each layer of the \(network).",
        caption: "Decay of the gradient in the \(network), as it was saved.", steps: steps,
        memoryNeeded: nil, rows: rows))
  }

  // MARK: - Files

  package var configuration: JSONValue {
    .object(
      saved.facts.map { ($0.name, JSONValue($0.value)) } + [
        ("model", JSONValue(saved.file.path)), ("probe", JSONValue(probing.description)),
        (items.name, JSONValue(items.count)),
      ])
  }

  /// - Parameter paths: the ways between the parts, under their name; nil where there are none.
  package func json(
    _ machine: MachineRecord, paths: (name: String, value: JSONValue)? = nil
  ) -> JSONValue {
    let results: [(String, JSONValue)] = [
      ("schema", "rnnbench/profile/1"), ("machine", machine.json),
      ("configuration", configuration), ("results", .array(looks.map(\.json))),
    ]
    let parameters: [(String, JSONValue)] = [
      (
        "parameters",
        .object(
          profile.parameters.map { parameter in
            (
              parameter.name,
              [
                "gradientNorm": JSONValue(parameter.gradientNorm),
                "weightNorm": JSONValue(parameter.weightNorm),
              ]
            )
          })
      )
    ]
    return .object(results + [paths].compactMap { $0 } + parameters)
  }
}

extension GradientProfile.AttentionFocus {
  var jsonFields: [(String, JSONValue)] {
    [("entropy", JSONValue(entropy)), ("uniformEntropy", JSONValue(uniformEntropy))]
  }
}

extension GradientProfile.Series {
  /// ‖δ‖ of all steps.
  fileprivate var norm: Double { byStep.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
